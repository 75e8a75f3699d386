/* SPDX-License-Identifier: ISC */
#include "check/sock.h"

#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"

const char *
sock_text(const struct ip *ip, uint16_t port, char *buf)
{
	char text[IP_TEXT_MAX];

	ip_format(ip, text, sizeof(text));
	if (!port)
		return memcpy(buf, text, sizeof(text));
	snprintf(buf, SOCK_TEXT_MAX,
		 ip->family == AF_INET6 ? "[%s]:%u" : "%s:%u", text, port);
	return buf;
}

void
sock_judge(int error, enum check_verdict *verdict, enum check_cause *cause)
{
	static const struct {
		int error;
		enum check_verdict verdict;
		enum check_cause cause;
	} table[] = {
	    {ECONNREFUSED, CHECK_FAIL, CHECK_CAUSE_REFUSED},
	    {ETIMEDOUT, CHECK_FAIL, CHECK_CAUSE_TIMEOUT},
	    {ENETUNREACH, CHECK_FAIL, CHECK_CAUSE_UNREACHABLE},
	    {EHOSTUNREACH, CHECK_FAIL, CHECK_CAUSE_UNREACHABLE},
	    {ENETDOWN, CHECK_FAIL, CHECK_CAUSE_UNREACHABLE},
	    {EHOSTDOWN, CHECK_FAIL, CHECK_CAUSE_UNREACHABLE},
	    {ENOPROTOOPT, CHECK_FAIL, CHECK_CAUSE_UNREACHABLE},
	    {EPROTO, CHECK_FAIL, CHECK_CAUSE_UNREACHABLE},
	    {ECONNRESET, CHECK_FAIL, CHECK_CAUSE_CLOSED},
	    {ECONNABORTED, CHECK_FAIL, CHECK_CAUSE_CLOSED},
	    {EPIPE, CHECK_FAIL, CHECK_CAUSE_CLOSED},
	    {EMFILE, CHECK_UNKNOWN, CHECK_CAUSE_RESOURCES},
	    {ENFILE, CHECK_UNKNOWN, CHECK_CAUSE_RESOURCES},
	    {ENOMEM, CHECK_UNKNOWN, CHECK_CAUSE_RESOURCES},
	    {ENOBUFS, CHECK_UNKNOWN, CHECK_CAUSE_RESOURCES},
	    {ENOSPC, CHECK_UNKNOWN, CHECK_CAUSE_RESOURCES},
	    /* connect(): every local port to this target is in use. */
	    {EADDRNOTAVAIL, CHECK_UNKNOWN, CHECK_CAUSE_RESOURCES},
	    {EADDRINUSE, CHECK_UNKNOWN, CHECK_CAUSE_RESOURCES},
	    {EAGAIN, CHECK_UNKNOWN, CHECK_CAUSE_RESOURCES},
	};

	/* What is left is ours: permission, family, a packet filter. */
	*verdict = CHECK_UNKNOWN;
	*cause = CHECK_CAUSE_LOCAL;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (table[i].error == error) {
			*verdict = table[i].verdict;
			*cause = table[i].cause;
			return;
		}
	}
}

const char *
sock_error_text(int error, char *buf, size_t size)
{
	const char *text = strerrordesc_np(error);

	if (!text) {
		snprintf(buf, size, "error %d", error);
		return buf;
	}
	snprintf(buf, size, "%s", text);
	/* Mid-sentence; words that are all capitals are names. */
	if (!isupper((unsigned char)buf[1]))
		buf[0] = (char)tolower((unsigned char)buf[0]);
	return buf;
}

void
sock_done(struct check *check, const char *doing, uint16_t port, int error)
{
	char endpoint[SOCK_TEXT_MAX], why[80];
	enum check_verdict verdict;
	enum check_cause cause;

	sock_judge(error, &verdict, &cause);
	sock_text(&check_conf(check)->target, port, endpoint);
	if (error == EADDRNOTAVAIL)
		snprintf(why, sizeof(why), "no free local port or address");
	else
		sock_error_text(error, why, sizeof(why));
	check_done(check, verdict, cause, "%s %s: %s", doing, endpoint, why);
}

int
sock_error(int fd)
{
	socklen_t len = sizeof(int);
	int error = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return errno;
	return error;
}

void
sock_abort_on_close(int fd)
{
	struct linger l = {.l_onoff = 1, .l_linger = 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
}

int
sock_bind(int fd, const struct ip *source)
{
	struct sockaddr_storage ss;
	socklen_t len = ip_to_sockaddr(source, 0, 0, &ss);
	int one = 1;

	/* Without it bind() takes a port that no other target can share. */
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	return bind(fd, (struct sockaddr *)&ss, len) < 0 ? errno : 0;
}

void
sock_source_done(struct check *check, int error)
{
	char source[IP_TEXT_MAX], why[80];
	enum check_cause cause = CHECK_CAUSE_LOCAL;

	if (error == ENOMEM || error == ENOBUFS || error == EADDRINUSE)
		cause = CHECK_CAUSE_RESOURCES;
	ip_format(&check_conf(check)->source, source, sizeof(source));
	if (error == EADDRNOTAVAIL)
		snprintf(why, sizeof(why), "is not an address of this node");
	else
		sock_error_text(error, why, sizeof(why));
	check_done(check, CHECK_UNKNOWN, cause, "source address %s: %s", source,
		   why);
}

/*
 * Asks a second time: to a local target the handshake is already over when
 * connect() returns, and the loop need not hear of it. 0, EINPROGRESS or the
 * error.
 */
static int
connect_twice(int fd, const struct sockaddr *to, socklen_t len)
{
	if (connect(fd, to, len) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return errno;
	if (connect(fd, to, len) == 0 || errno == EISCONN)
		return 0;
	return errno == EALREADY ? EINPROGRESS : errno;
}

int
sock_attach(struct check *check, int fd, uint16_t port, bool *connected)
{
	const struct conf_check *conf = check_conf(check);
	struct sockaddr_storage ss;
	socklen_t len = ip_to_sockaddr(&conf->target, port, 0, &ss);
	int error;

	error = ip_is_none(&conf->source) ? 0 : sock_bind(fd, &conf->source);
	if (error) {
		close(fd);
		sock_source_done(check, error);
		return -1;
	}
	error = connect_twice(fd, (struct sockaddr *)&ss, len);
	*connected = error == 0;
	if (error && error != EINPROGRESS) {
		close(fd);
		sock_done(check, "connect to", port, error);
		return -1;
	}
	return fd;
}

int
sock_connect(struct check *check, int type, uint16_t port, bool *connected)
{
	int fd = socket(check_conf(check)->target.family,
			type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		sock_done(check, "socket for", port, errno);
		return -1;
	}
	return sock_attach(check, fd, port, connected);
}
