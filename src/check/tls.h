/* SPDX-License-Identifier: ISC */
/*
 * TLS over a connected socket, as the tcp check uses it. It lives in a module
 * of its own, so that OpenSSL is in the process only when a check needs it.
 */
#ifndef BASIN_CHECK_TLS_H
#define BASIN_CHECK_TLS_H

#include <stddef.h>

#include "base/ip.h"
#include "check/check.h"

struct tls;
struct tls_context; /* trust, client certificate: kept between runs */

enum tls_step {
	TLS_OK,     /* done; read: some octets are there */
	TLS_READ,   /* again when the socket can be read */
	TLS_WRITE,  /* again when the socket can be written */
	TLS_CLOSED, /* the peer ended the stream in order */
	TLS_FAILED, /* tls_failure says why */
};

struct tls_failure {
	enum check_verdict verdict;
	enum check_cause cause;
	char text[CHECK_DETAIL_MAX]; /* escaped */
};

struct tls_ops {
	/*
	 * Makes or renews *context (owned by the caller, NULL before the first
	 * time); files that changed since are read again. False: `why` is set.
	 */
	bool (*prepare)(struct tls_context **context,
			const struct conf_tls *conf, struct tls_failure *why);
	void (*forget)(struct tls_context *context);
	/* On a connected socket, which stays the caller's. */
	struct tls *(*open)(struct tls_context *context,
			    const struct conf_tls *conf,
			    const struct ip *target, int fd,
			    struct tls_failure *why);
	/* TLS_OK: done, and the certificate is as configured. */
	enum tls_step (*handshake)(struct tls *tls, const struct conf_tls *conf,
				   struct tls_failure *why);
	enum tls_step (*read)(struct tls *tls, void *buf, size_t size,
			      size_t *n, struct tls_failure *why);
	enum tls_step (*write)(struct tls *tls, const void *octets, size_t n,
			       size_t *written, struct tls_failure *why);
	/* Says close_notify when that is possible at once. */
	void (*close)(struct tls *tls);
};

#endif
