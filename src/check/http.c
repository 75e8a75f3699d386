/* SPDX-License-Identifier: ISC */
/*
 * HTTP and HTTPS with libcurl's multi interface on our loop: curl says which
 * sockets and which timer it wants, we say what is ready.
 *
 *   start: easy handle --> multi --> sockets and timer --> CURLMSG_DONE
 *                                                          --> judge, done
 *
 * Every run is a fresh connection with its own easy handle, so nothing is
 * held while a check is idle. The run is ended (end) before its result is
 * told, and curl is never called from within one of its callbacks.
 */
#include "check/kind.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "check/http_judge.h"
#include "check/io.h"
#include "check/sock.h"

/* Octets of the body that are kept; reading stops beyond. */
#define BODY_MAX (64 * 1024)
/* Octets of header lines that are kept. */
#define HEADERS_MAX   (16 * 1024)
#define REDIRECTS_MAX 5L
/* Foreign octets shown in a message, after escaping. */
#define SHOWN_MAX 100

/* One for all http checks of a scheduler. */
struct shared {
	CURLM *multi; /* owned; NULL once closed */
	uv_timer_t timer;
	struct io_set *io; /* borrowed */
};

/* Lives while a run goes on. */
struct transfer {
	CURL *easy;                            /* owned */
	struct curl_slist *headers, *connects; /* owned */
	struct text head, body;
	bool cut;
	int bind_error, socket_error; /* errno of our own steps */
	char error[CURL_ERROR_SIZE];
};

struct run {
	struct transfer *t; /* owned; NULL while idle */
};

/* ---- curl asks for sockets and time ------------------------------------ */

static void harvest(struct shared *s);

static void
on_ready(struct io_watch *watch, unsigned ready)
{
	struct shared *s = watch->arg;
	int running;

	curl_multi_socket_action(s->multi, watch->fd,
				 (ready & IO_READ ? CURL_CSELECT_IN : 0) |
				     (ready & IO_WRITE ? CURL_CSELECT_OUT : 0),
				 &running);
	harvest(s);
}

static void
on_timer(uv_timer_t *timer)
{
	struct shared *s = timer->data;
	int running;

	curl_multi_socket_action(s->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	harvest(s);
}

static int
want_timer(CURLM *multi, long ms, void *arg)
{
	struct shared *s = arg;

	if (ms < 0)
		uv_timer_stop(&s->timer);
	else
		uv_timer_start(&s->timer, on_timer, (uint64_t)ms, 0);
	return 0;
}

static void
forget_socket(struct shared *s, curl_socket_t fd, struct io_watch *watch)
{
	if (!watch)
		return;
	io_forget(s->io, watch);
	free(watch);
	curl_multi_assign(s->multi, fd, NULL);
}

static int
want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *mine)
{
	struct shared *s = arg;
	struct io_watch *watch = mine;

	if (what == CURL_POLL_REMOVE) {
		forget_socket(s, fd, watch);
		return 0;
	}
	if (!watch) {
		watch = xcalloc(1, sizeof(*watch));
		*watch = (struct io_watch){fd, 0, on_ready, s};
		curl_multi_assign(s->multi, fd, watch);
	}
	/* Without a watch the run ends by its timeout. */
	if (io_want(s->io, watch,
		    (what & CURL_POLL_IN ? IO_READ : 0) |
			(what & CURL_POLL_OUT ? IO_WRITE : 0)))
		return -1;
	return 0;
}

static int
open_shared(struct io_set *io, uv_loop_t *loop, void **shared)
{
	struct shared *s;

	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return -ENOMEM;
	s = xcalloc(1, sizeof(*s));
	s->io = io;
	s->multi = curl_multi_init();
	if (!s->multi) {
		free(s);
		return -ENOMEM;
	}
	s->timer.data = s;
	uv_timer_init(loop, &s->timer);
	curl_multi_setopt(s->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(s->multi, CURLMOPT_SOCKETDATA, s);
	curl_multi_setopt(s->multi, CURLMOPT_TIMERFUNCTION, want_timer);
	curl_multi_setopt(s->multi, CURLMOPT_TIMERDATA, s);
	/* Connections are never reused: keep none. */
	curl_multi_setopt(s->multi, CURLMOPT_MAXCONNECTS, 1L);
	*shared = s;
	return 0;
}

static void
free_shared(uv_handle_t *handle)
{
	free(handle->data);
}

static void
close_shared(void *shared)
{
	struct shared *s = shared;

	curl_multi_cleanup(s->multi);
	s->multi = NULL;
	uv_timer_stop(&s->timer);
	uv_close((uv_handle_t *)&s->timer, free_shared);
}

/* ---- curl hands over octets and asks for sockets ----------------------- */

static size_t
take_body(char *octets, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
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
	struct transfer *t = arg;

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
	struct check *check = arg;
	const struct ip *source = &check_conf(check)->source;
	struct transfer *t = ((struct run *)check_run(check))->t;
	int fd = socket(address->family,
			address->socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
			address->protocol);

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

/* ---- options ----------------------------------------------------------- */

#define SET(t, option, value)                                                  \
	((void)curl_easy_setopt((t)->easy, CURLOPT_##option, value))

static void
set_transport(struct check *check, struct transfer *t)
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
	SET(t, OPENSOCKETDATA, check);
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
set_trust(struct transfer *t, const struct conf_tls *tls)
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
set_tls(struct transfer *t, const struct conf_tls *tls)
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
set_method(struct transfer *t, const struct conf_http *http)
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
add_header(struct transfer *t, const char *name, const char *value)
{
	struct text line = {0};

	/* "Name;" is how curl is told to send an empty header. */
	text_addf(&line, *value ? "%s: %s" : "%s;%s", name, value);
	t->headers = curl_slist_append(t->headers, line.s);
	text_free(&line);
}

static void
set_headers(struct transfer *t, const struct conf_http *http)
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
connect_to(struct transfer *t, const char *host)
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
rename_host(struct transfer *t, const struct conf_check *conf, CURLU *url)
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

/* False when the URL cannot be used. */
static bool
set_url(struct transfer *t, const struct conf_check *conf)
{
	CURLU *url = curl_url();
	char host[IP_TEXT_MAX + 2], text[IP_TEXT_MAX];
	char *whole = NULL;
	bool good;

	good = url && !curl_url_set(url, CURLUPART_URL, conf->http.url,
				    CURLU_GUESS_SCHEME);
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

/* ---- the end of a run -------------------------------------------------- */

static void
free_transfer(struct transfer *t)
{
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	curl_slist_free_all(t->connects);
	text_free(&t->head);
	text_free(&t->body);
	free(t);
}

static void
end(struct check *check)
{
	struct shared *s = check_shared(check);
	struct run *run = check_run(check);

	curl_multi_remove_handle(s->multi, run->t->easy);
	free_transfer(run->t);
	run->t = NULL;
}

/* "192.0.2.1" or the URL, for people. */
static const char *
place(struct check *check, char *buf)
{
	const struct conf_check *conf = check_conf(check);
	char ip[IP_TEXT_MAX];
	size_t n;

	text_escape(conf->http.url, strlen(conf->http.url), buf, SHOWN_MAX);
	if (ip_is_none(&conf->target))
		return buf;
	n = strlen(buf);
	snprintf(buf + n, CHECK_DETAIL_MAX - n, " at %s",
		 ip_format(&conf->target, ip, sizeof(ip)));
	return buf;
}

static const struct {
	CURLcode code;
	enum check_verdict verdict;
	enum check_cause cause;
} errors[] = {
    {CURLE_COULDNT_RESOLVE_HOST, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL},
    {CURLE_URL_MALFORMAT, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL},
    {CURLE_UNSUPPORTED_PROTOCOL, CHECK_FAIL, CHECK_CAUSE_ANSWER},
    {CURLE_INTERFACE_FAILED, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL},
    {CURLE_SSL_CACERT_BADFILE, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL},
    {CURLE_SSL_CERTPROBLEM, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL},
    {CURLE_SSL_ENGINE_INITFAILED, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL},
    {CURLE_OUT_OF_MEMORY, CHECK_UNKNOWN, CHECK_CAUSE_RESOURCES},
    {CURLE_FAILED_INIT, CHECK_UNKNOWN, CHECK_CAUSE_RESOURCES},
    {CURLE_COULDNT_CONNECT, CHECK_FAIL, CHECK_CAUSE_UNREACHABLE},
    {CURLE_OPERATION_TIMEDOUT, CHECK_FAIL, CHECK_CAUSE_TIMEOUT},
    {CURLE_PEER_FAILED_VERIFICATION, CHECK_FAIL, CHECK_CAUSE_CERTIFICATE},
    {CURLE_SSL_ISSUER_ERROR, CHECK_FAIL, CHECK_CAUSE_CERTIFICATE},
    {CURLE_SSL_CONNECT_ERROR, CHECK_FAIL, CHECK_CAUSE_TLS},
    {CURLE_SSL_CIPHER, CHECK_FAIL, CHECK_CAUSE_TLS},
    {CURLE_GOT_NOTHING, CHECK_FAIL, CHECK_CAUSE_CLOSED},
    {CURLE_PARTIAL_FILE, CHECK_FAIL, CHECK_CAUSE_CLOSED},
    {CURLE_RECV_ERROR, CHECK_FAIL, CHECK_CAUSE_CLOSED},
    {CURLE_SEND_ERROR, CHECK_FAIL, CHECK_CAUSE_CLOSED},
};

/* A socket that could not be made, bound or connected; 0 when none. */
static int
connect_error(const struct transfer *t, CURLcode code)
{
	long os_error = 0;

	if (code != CURLE_COULDNT_CONNECT)
		return 0;
	if (t->socket_error)
		return t->socket_error;
	curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &os_error);
	return (int)os_error;
}

static void
judge_error(struct check *check, const struct transfer *t, CURLcode code,
	    struct judgement *out)
{
	const char *said = t->error[0] ? t->error : curl_easy_strerror(code);
	char where[CHECK_DETAIL_MAX], why[SHOWN_MAX];
	enum check_verdict verdict = CHECK_FAIL;
	enum check_cause cause = CHECK_CAUSE_ANSWER;
	int error = connect_error(t, code);

	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		if (errors[i].code == code) {
			verdict = errors[i].verdict;
			cause = errors[i].cause;
		}
	}
	if (error) {
		sock_judge(error, &verdict, &cause);
		sock_error_text(error, why, sizeof(why));
	} else {
		text_escape(said, strlen(said), why, sizeof(why));
	}
	judge(out, verdict, cause, "%.130s: %s", place(check, where), why);
}

/* "Expire date:..." of the server's own certificate, or NULL. */
static const char *
expire_date(const struct transfer *t)
{
	static const char name[] = "Expire date:";
	struct curl_certinfo *info = NULL;

	curl_easy_getinfo(t->easy, CURLINFO_CERTINFO, &info);
	if (!info || info->num_of_certs < 1)
		return NULL;
	for (struct curl_slist *l = info->certinfo[0]; l; l = l->next) {
		if (strncmp(l->data, name, sizeof(name) - 1) == 0)
			return l->data + sizeof(name) - 1;
	}
	return NULL;
}

static bool
judge_expiry(const struct conf_http *http, const struct transfer *t,
	     struct judgement *out)
{
	const char *date = expire_date(t);
	char left[32], wanted[32];
	struct dur d;
	time_t end;

	if (!http->tls.enabled || !http->tls.expiry.ns)
		return true;
	end = date ? curl_getdate(date, NULL) : -1;
	if (end == -1)
		return judge(out, CHECK_FAIL, CHECK_CAUSE_CERTIFICATE,
			     "no certificate with a readable end of validity");
	d = dur_s(end - wall_now().ns / 1000000000);
	if (d.ns >= http->tls.expiry.ns)
		return true;
	if (d.ns < 0)
		return judge(out, CHECK_FAIL, CHECK_CAUSE_CERTIFICATE,
			     "certificate expired %s ago",
			     dur_format(dur_ns(-d.ns), left, sizeof(left)));
	return judge(out, CHECK_FAIL, CHECK_CAUSE_CERTIFICATE,
		     "certificate expires in %s, expected at least %s",
		     dur_format(d, left, sizeof(left)),
		     dur_format(http->tls.expiry, wanted, sizeof(wanted)));
}

static void
judge_answer(struct check *check, const struct transfer *t,
	     struct judgement *out)
{
	const struct conf_http *http = &check_conf(check)->http;
	struct http_answer a = {
	    .headers = text_str(&t->head),
	    .headers_len = t->head.len,
	    .body = text_str(&t->body),
	    .body_len = t->body.len,
	    .cut = t->cut,
	};

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &a.status);
	if (judge_expiry(http, t, out))
		http_judge(http, &a, out);
}

static void
finish(struct check *check, CURLcode code)
{
	struct transfer *t = ((struct run *)check_run(check))->t;
	int bind_error = t->bind_error;
	struct judgement j;

	/* We stopped it ourselves: enough was read. */
	if (code == CURLE_WRITE_ERROR && t->cut)
		code = CURLE_OK;
	if (code == CURLE_OK)
		judge_answer(check, t, &j);
	else
		judge_error(check, t, code, &j);
	end(check);
	if (code != CURLE_OK && bind_error)
		sock_source_done(check, bind_error);
	else
		check_done(check, j.verdict, j.cause, "%s", j.detail);
}

/* Ends what curl has ended. A report may close all: then multi is NULL. */
static void
harvest(struct shared *s)
{
	CURLMsg *message;
	int left;

	while (s->multi && (message = curl_multi_info_read(s->multi, &left))) {
		char *check = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
				  &check);
		finish((struct check *)check, message->data.result);
	}
}

/* ---- the kind ---------------------------------------------------------- */

static bool
prepare(struct check *check, struct transfer *t)
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

static void
start(struct check *check)
{
	struct shared *s = check_shared(check);
	struct run *run = check_run(check);
	struct transfer *t = xcalloc(1, sizeof(*t));
	char where[CHECK_DETAIL_MAX];

	t->easy = curl_easy_init();
	if (!t->easy || !prepare(check, t)) {
		free_transfer(t);
		check_done(check, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL,
			   "%.150s: cannot be asked for", place(check, where));
		return;
	}
	run->t = t;
	if (curl_multi_add_handle(s->multi, t->easy)) {
		end(check);
		check_done(check, CHECK_UNKNOWN, CHECK_CAUSE_RESOURCES,
			   "no memory for another transfer");
	}
}

static const char *
waits_for(struct check *check, char *buf)
{
	return place(check, buf);
}

const struct check_kind check_http_kind = {
    .name = "http",
    .run_size = sizeof(struct run),
    .start = start,
    .cancel = end,
    .waits_for = waits_for,
    .open = open_shared,
    .close = close_shared,
};
