/* SPDX-License-Identifier: ISC */
/* The module check_tls: OpenSSL behind struct tls_ops. */
#include "check/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "check/kind.h"
#include "check/sock.h"

/* The files a context was made of: CA, certificate, key. */
#define FILES 3

struct tls_context {
	SSL_CTX *ctx;   /* owned */
	uint64_t files; /* hash of names and times of change */
};

struct tls {
	SSL *ssl; /* owned */
	bool established;
};

static void __attribute__((format(printf, 4, 5)))
fail(struct tls_failure *why, enum check_verdict verdict,
     enum check_cause cause, const char *fmt, ...)
{
	va_list ap;

	why->verdict = verdict;
	why->cause = cause;
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
}

/* The first queued reason; empties the queue. */
static const char *
reason(void)
{
	const char *text = ERR_reason_error_string(ERR_get_error());

	ERR_clear_error();
	return text ? text : "unknown error";
}

/* ---- context ---- */

static uint64_t
hash_files(const char *const names[FILES])
{
	uint64_t h = HASH_SEED;

	for (size_t i = 0; i < FILES; i++) {
		struct stat st = {0};

		if (!names[i])
			continue;
		h = hash_bytes(h, names[i], strlen(names[i]) + 1);
		if (stat(names[i], &st) == 0) {
			h = hash_bytes(h, &st.st_mtim, sizeof(st.st_mtim));
			h = hash_bytes(h, &st.st_ino, sizeof(st.st_ino));
		}
	}
	return h;
}

static bool
file_failed(struct tls_failure *why, const char *what, const char *path)
{
	char name[100], error[60];

	text_escape(path, strlen(path), name, sizeof(name));
	if (access(path, R_OK) < 0)
		fail(why, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL, "%s %s: %s", what,
		     name, sock_error_text(errno, error, sizeof(error)));
	else
		fail(why, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL, "%s %s: %s", what,
		     name, reason());
	ERR_clear_error();
	return false;
}

/*
 * The system's trust as a folder is read certificate by certificate when one
 * is needed; as one file all at once. So the file only without the folder.
 */
static bool
load_trust(SSL_CTX *ctx, const struct conf_tls *conf, struct tls_failure *why)
{
	if (!conf->verify)
		return true;
	if (conf->ca_file) {
		if (SSL_CTX_load_verify_file(ctx, conf->ca_file) == 1)
			return true;
		return file_failed(why, "CA file", conf->ca_file);
	}
	SSL_CTX_set_default_verify_dir(ctx);
	if (access(X509_get_default_cert_file(), R_OK) == 0)
		SSL_CTX_set_default_verify_file(ctx);
	ERR_clear_error();
	return true;
}

static bool
load_identity(SSL_CTX *ctx, const struct conf_tls *conf,
	      struct tls_failure *why)
{
	const char *cert = conf->client_certificate;
	const char *key = conf->client_key ? conf->client_key : cert;

	if (!cert)
		return true;
	if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
		return file_failed(why, "client certificate", cert);
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		return file_failed(why, "client key", key);
	return true;
}

static bool
make_context(struct tls_context *context, const struct conf_tls *conf,
	     struct tls_failure *why)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (!ctx) {
		fail(why, CHECK_UNKNOWN, CHECK_CAUSE_RESOURCES,
		     "no context: %s", reason());
		return false;
	}
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
				  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				  SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(
	    ctx, conf->verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
	if (!load_trust(ctx, conf, why) || !load_identity(ctx, conf, why)) {
		SSL_CTX_free(ctx);
		return false;
	}
	SSL_CTX_free(context->ctx);
	context->ctx = ctx;
	return true;
}

static bool
prepare(struct tls_context **context, const struct conf_tls *conf,
	struct tls_failure *why)
{
	const char *const names[FILES] = {
	    conf->ca_file, conf->client_certificate, conf->client_key};
	uint64_t files = hash_files(names);

	if (!*context)
		*context = xcalloc(1, sizeof(**context));
	if ((*context)->ctx && (*context)->files == files)
		return true;
	(*context)->files = files;
	if (make_context(*context, conf, why))
		return true;
	/* Not usable: the next run tries again. */
	SSL_CTX_free((*context)->ctx);
	(*context)->ctx = NULL;
	return false;
}

static void
forget(struct tls_context *context)
{
	SSL_CTX_free(context->ctx);
	free(context);
}

/* ---- connection ---- */

/* What the certificate must be for: the configured name, else the address. */
static bool
name_server(SSL *ssl, const struct conf_tls *conf, const struct ip *target)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	struct ip ip;

	if (!conf->server_name)
		return X509_VERIFY_PARAM_set1_ip(param, target->bytes,
						 ip_octets(target->family)) ==
		       1;
	/* RFC 6066 section 3: an address is no server name. */
	if (ip_parse(conf->server_name, &ip) == 0)
		return X509_VERIFY_PARAM_set1_ip(param, ip.bytes,
						 ip_octets(ip.family)) == 1;
	return SSL_set_tlsext_host_name(ssl, conf->server_name) == 1 &&
	       SSL_set1_host(ssl, conf->server_name) == 1;
}

static struct tls *
open_tls(struct tls_context *context, const struct conf_tls *conf,
	 const struct ip *target, int fd, struct tls_failure *why)
{
	SSL *ssl = SSL_new(context->ctx);
	struct tls *tls;

	if (!ssl || SSL_set_fd(ssl, fd) != 1 ||
	    !name_server(ssl, conf, target)) {
		fail(why, CHECK_UNKNOWN, CHECK_CAUSE_RESOURCES,
		     "no connection state: %s", reason());
		SSL_free(ssl);
		return NULL;
	}
	SSL_set_connect_state(ssl);
	tls = xcalloc(1, sizeof(*tls));
	tls->ssl = ssl;
	return tls;
}

static enum tls_step
explain(struct tls *tls, int error, struct tls_failure *why)
{
	long verify = SSL_get_verify_result(tls->ssl);
	char text[80];

	if (verify != X509_V_OK &&
	    SSL_get_verify_mode(tls->ssl) != SSL_VERIFY_NONE)
		fail(why, CHECK_FAIL, CHECK_CAUSE_CERTIFICATE,
		     "certificate refused: %s",
		     X509_verify_cert_error_string(verify));
	else if (error == SSL_ERROR_SYSCALL && errno)
		fail(why, CHECK_FAIL, CHECK_CAUSE_CLOSED, "%s",
		     sock_error_text(errno, text, sizeof(text)));
	else if (error == SSL_ERROR_SYSCALL)
		fail(why, CHECK_FAIL, CHECK_CAUSE_CLOSED, "connection closed");
	else
		fail(why, CHECK_FAIL, CHECK_CAUSE_TLS, "%s", reason());
	ERR_clear_error();
	return TLS_FAILED;
}

static enum tls_step
step_of(struct tls *tls, int rc, struct tls_failure *why)
{
	int error = SSL_get_error(tls->ssl, rc);

	switch (error) {
	case SSL_ERROR_NONE:
		return TLS_OK;
	case SSL_ERROR_WANT_READ:
		return TLS_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_CLOSED;
	default:
		return explain(tls, error, why);
	}
}

/* The certificate must be valid for at least conf->expiry from now. */
static bool
lasts(struct tls *tls, const struct conf_tls *conf, struct tls_failure *why)
{
	X509 *cert = SSL_get0_peer_certificate(tls->ssl);
	int days = 0, seconds = 0;
	char left[32], wanted[32];
	struct dur d;

	if (!conf->expiry.ns)
		return true;
	if (!cert ||
	    !ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(cert))) {
		fail(why, CHECK_FAIL, CHECK_CAUSE_CERTIFICATE,
		     "no certificate with a readable end of validity");
		return false;
	}
	d = dur_s((int64_t)days * 86400 + seconds);
	if (d.ns >= conf->expiry.ns)
		return true;
	if (d.ns < 0)
		fail(why, CHECK_FAIL, CHECK_CAUSE_CERTIFICATE,
		     "certificate expired %s ago",
		     dur_format(dur_ns(-d.ns), left, sizeof(left)));
	else
		fail(why, CHECK_FAIL, CHECK_CAUSE_CERTIFICATE,
		     "certificate expires in %s, expected at least %s",
		     dur_format(d, left, sizeof(left)),
		     dur_format(conf->expiry, wanted, sizeof(wanted)));
	return false;
}

static enum tls_step
handshake(struct tls *tls, const struct conf_tls *conf, struct tls_failure *why)
{
	enum tls_step step;

	ERR_clear_error();
	errno = 0;
	step = step_of(tls, SSL_do_handshake(tls->ssl), why);
	if (step == TLS_CLOSED) {
		fail(why, CHECK_FAIL, CHECK_CAUSE_CLOSED, "connection closed");
		return TLS_FAILED;
	}
	if (step != TLS_OK)
		return step;
	tls->established = true;
	return lasts(tls, conf, why) ? TLS_OK : TLS_FAILED;
}

static enum tls_step
read_tls(struct tls *tls, void *buf, size_t size, size_t *n,
	 struct tls_failure *why)
{
	ERR_clear_error();
	errno = 0;
	return step_of(tls, SSL_read_ex(tls->ssl, buf, size, n), why);
}

static enum tls_step
write_tls(struct tls *tls, const void *octets, size_t n, size_t *written,
	  struct tls_failure *why)
{
	enum tls_step step;

	ERR_clear_error();
	errno = 0;
	step = step_of(tls, SSL_write_ex(tls->ssl, octets, n, written), why);
	if (step != TLS_CLOSED)
		return step;
	fail(why, CHECK_FAIL, CHECK_CAUSE_CLOSED, "connection closed");
	return TLS_FAILED;
}

static void
close_tls(struct tls *tls)
{
	if (tls->established)
		SSL_shutdown(tls->ssl);
	ERR_clear_error();
	SSL_free(tls->ssl);
	free(tls);
}

const struct tls_ops check_tls_ops = {
    .prepare = prepare,
    .forget = forget,
    .open = open_tls,
    .handshake = handshake,
    .read = read_tls,
    .write = write_tls,
    .close = close_tls,
};
