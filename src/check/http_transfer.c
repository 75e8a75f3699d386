/* SPDX-License-Identifier: ISC */
#include "check/http_transfer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check/sock.h"

/* Octets of the body that are kept; reading stops beyond. */
#define BODY_MAX (64 * 1024)
/* Octets of header lines that are kept. */
#define HEADERS_MAX   (16 * 1024)
#define REDIRECTS_MAX 5L

/* ---- curl hands over octets and asks for sockets ---- */

static size_t
take_body(char *octets, size_t size, size_t n, void *arg)
{
	struct http_transfer *t = arg;
	size_t room = BODY_MAX - t->body.len;

	text_add_n(&t->body, octets, n < room ? n : room);
	if (n <= room)
		return n;
	/* Ends the transfer with CURLE_WRITE_ERROR. */
	t->cut = true;
	return 0;
}

static size_t
take_header(char *octets, size_t size, size_t n, void *arg)
{
	struct http_transfer *t = arg;

	/* After a redirect or a 1xx only the last response counts. */
	if (n >= 5 && strncasecmp(octets, "HTTP/", 5) == 0)
		text_clear(&t->head);
	if (t->head.len + n <= HEADERS_MAX)
		text_add_n(&t->head, octets, n);
	return n;
}

static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http_transfer *t = arg;
	const struct ip *source = &check_conf(t->check)->source;
	int fd = socket(address->family,
			address->socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
			address->protocol);

	t->reached = true;
	t->socket_error = fd < 0 ? errno : 0;
	if (fd < 0)
		return CURL_SOCKET_BAD;
	/* The answer is all that matters: no TIME-WAIT behind it. */
	sock_abort_on_close(fd);
	if (ip_is_none(source))
		return fd;
	t->bind_error = source->family == address->family
			    ? sock_bind(fd, source)
			    : EAFNOSUPPORT;
	if (!t->bind_error)
		return fd;
	close(fd);
	return CURL_SOCKET_BAD;
}

/* ---- options ---- */

#define SET(t, option, value)                                                  \
	((void)curl_easy_setopt((t)->easy, CURLOPT_##option, value))

static void
set_transport(struct check *check, struct http_transfer *t)
{
	SET(t, PRIVATE, check);
	SET(t, ERRORBUFFER, t->error);
	SET(t, NOSIGNAL, 1L);
	SET(t, NOPROXY, "*");
	SET(t, PROXY, "");
	SET(t, PROTOCOLS_STR, "http,https");
	SET(t, REDIR_PROTOCOLS_STR, "http,https");
	SET(t, HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	SET(t, FRESH_CONNECT, 1L);
	SET(t, FORBID_REUSE, 1L);
	/* A name server that is gone must not hold the loop at the end. */
	SET(t, QUICK_EXIT, 1L);
	SET(t, OPENSOCKETFUNCTION, open_socket);
	SET(t, OPENSOCKETDATA, t);
	SET(t, WRITEFUNCTION, take_body);
	SET(t, WRITEDATA, t);
	SET(t, HEADERFUNCTION, take_header);
	SET(t, HEADERDATA, t);
}

/*
 * The system's trust as a folder is read certificate by certificate when one
 * is needed; as one file it takes tens of milliseconds of the loop's time.
 */
static void
set_trust(struct http_transfer *t, const struct conf_tls *tls)
{
	char *folder = NULL;

	SET(t, CA_CACHE_TIMEOUT, 0L);
	if (tls->ca_file) {
		SET(t, CAINFO, tls->ca_file);
		SET(t, CAPATH, NULL);
		return;
	}
	curl_easy_getinfo(t->easy, CURLINFO_CAPATH, &folder);
	if (folder && access(folder, R_OK) == 0)
		SET(t, CAINFO, NULL);
	else
		SET(t, CA_CACHE_TIMEOUT, 3600L);
}

static void
set_tls(struct http_transfer *t, const struct conf_tls *tls)
{
	SET(t, SSL_VERIFYPEER, tls->verify ? 1L : 0L);
	SET(t, SSL_VERIFYHOST, tls->verify ? 2L : 0L);
	/* A resumed session would not show the certificate. */
	SET(t, SSL_SESSIONID_CACHE, 0L);
	SET(t, CERTINFO, tls->expiry.ns > 0 ? 1L : 0L);
	set_trust(t, tls);
	if (!tls->client_certificate)
		return;
	SET(t, SSLCERT, tls->client_certificate);
	SET(t, SSLKEY,
	    tls->client_key ? tls->client_key : tls->client_certificate);
}

static void
set_method(struct http_transfer *t, const struct conf_http *http)
{
	const char *method = http->method ? http->method : "GET";

	if (strcmp(method, "HEAD") == 0) {
		SET(t, NOBODY, 1L);
		return;
	}
	if (strcmp(method, "GET") == 0)
		return;
	if (strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0) {
		SET(t, POST, 1L);
		SET(t, POSTFIELDSIZE, 0L);
		SET(t, POSTFIELDS, "");
	}
	SET(t, CUSTOMREQUEST, method);
}

static void
add_header(struct http_transfer *t, const char *name, const char *value)
{
	struct text line = {0};

	/* "Name;" is how curl is told to send an empty header. */
	text_addf(&line, *value ? "%s: %s" : "%s;%s", name, value);
	t->headers = curl_slist_append(t->headers, line.s);
	text_free(&line);
}

static void
set_headers(struct http_transfer *t, const struct conf_http *http)
{
	if (http->host)
		add_header(t, "Host", http->host);
	for (size_t i = 0; i < http->headers.n; i++)
		add_header(t, http->headers.v[i].name,
			   http->headers.v[i].value);
	SET(t, HTTPHEADER, t->headers);
	SET(t, USERAGENT, "basin-check");
}

/* Connect to `host` (a literal IPv6 address in brackets), not the URL's. */
static void
connect_to(struct http_transfer *t, const char *host)
{
	struct text to = {0};

	text_addf(&to, "::%s:", host);
	t->connects = curl_slist_append(t->connects, to.s);
	SET(t, CONNECT_TO, t->connects);
	text_free(&to);
}

/*
 * curl takes the name for SNI and verification from the URL. When another one
 * is configured the URL gets it, and the URL's own host remains in the Host
 * header and as the place to connect to.
 */
static void
rename_host(struct http_transfer *t, const struct conf_check *conf, CURLU *url)
{
	char *host = NULL, *port = NULL;
	struct text header = {0};

	if (curl_url_get(url, CURLUPART_HOST, &host, 0) ||
	    curl_url_set(url, CURLUPART_HOST, conf->http.tls.server_name, 0))
		goto out;
	if (ip_is_none(&conf->target))
		connect_to(t, host);
	text_add(&header, host);
	if (!curl_url_get(url, CURLUPART_PORT, &port, 0))
		text_addf(&header, ":%s", port);
	if (!conf->http.host)
		add_header(t, "Host", header.s);
out:
	text_free(&header);
	curl_free(port);
	curl_free(host);
}

static bool
is_name(CURLU *url)
{
	char *host = NULL;
	struct ip ip;
	bool name;

	/* A literal IPv6 address stands in brackets. */
	name = !curl_url_get(url, CURLUPART_HOST, &host, 0) && host[0] != '[' &&
	       ip_parse(host, &ip) != 0;
	curl_free(host);
	return name;
}

/* False when the URL cannot be used. */
static bool
set_url(struct http_transfer *t, const struct conf_check *conf)
{
	CURLU *url = curl_url();
	char host[IP_TEXT_MAX + 2], text[IP_TEXT_MAX];
	char *whole = NULL;
	bool good;

	good = url && !curl_url_set(url, CURLUPART_URL, conf->http.url,
				    CURLU_GUESS_SCHEME);
	t->by_name = good && ip_is_none(&conf->target) && is_name(url);
	if (good && conf->http.tls.server_name)
		rename_host(t, conf, url);
	if (good && !ip_is_none(&conf->target)) {
		ip_format(&conf->target, text, sizeof(text));
		snprintf(host, sizeof(host),
			 conf->target.family == AF_INET6 ? "[%s]" : "%s", text);
		connect_to(t, host);
	}
	good = good && !curl_url_get(url, CURLUPART_URL, &whole, 0);
	if (good)
		SET(t, URL, whole);
	curl_free(whole);
	curl_url_cleanup(url);
	return good;
}

/* ---- all of it ---- */

void
http_transfer_free(struct http_transfer *t)
{
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	curl_slist_free_all(t->connects);
	text_free(&t->head);
	text_free(&t->body);
	free(t);
}

static bool
prepare(struct check *check, struct http_transfer *t)
{
	const struct conf_check *conf = check_conf(check);

	set_transport(check, t);
	set_tls(t, &conf->http.tls);
	set_method(t, &conf->http);
	SET(t, FOLLOWLOCATION, conf->http.follow_redirects ? 1L : 0L);
	SET(t, MAXREDIRS, REDIRECTS_MAX);
	if (!set_url(t, conf))
		return false;
	set_headers(t, &conf->http);
	return true;
}

struct http_transfer *
http_transfer_new(struct check *check)
{
	struct http_transfer *t = xcalloc(1, sizeof(*t));

	t->check = check;
	t->easy = curl_easy_init();
	if (t->easy && prepare(check, t))
		return t;
	http_transfer_free(t);
	return NULL;
}
