/* SPDX-License-Identifier: ISC */
#include "daemon/upgrade_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "wire/iobuf.h"

/* ---- both ways ---- */

static void
listener(struct iobuf *io, struct upgrade_socket *s)
{
	uint32_t port = s->port;
	const uint8_t *bytes;

	IOBUF_SMALL(io, s->ip.family, 256);
	s->port = (uint16_t)iobuf_small(io, port, UINT16_MAX + 1);
	if (io->w) {
		wbuf_bytes(io->w, s->ip.bytes, sizeof(s->ip.bytes));
		return;
	}
	bytes = rbuf_take(&io->r, sizeof(s->ip.bytes));
	if (bytes)
		memcpy(s->ip.bytes, bytes, sizeof(s->ip.bytes));
}

static void
control(struct iobuf *io, struct upgrade_socket *s)
{
	unsigned n = io->w ? (unsigned)strlen(s->path) : 0;
	const uint8_t *bytes;

	IOBUF_SMALL(io, s->kind, CTL_HTTP + 1);
	n = iobuf_small(io, n, sizeof(s->path));
	if (io->w) {
		wbuf_bytes(io->w, s->path, n);
		return;
	}
	bytes = rbuf_take(&io->r, n);
	if (bytes)
		memcpy(s->path, bytes, n);
}

static void
both_ways(struct iobuf *io, enum upgrade_part part, struct upgrade_socket *s)
{
	if (part == UPGRADE_PART_LISTENER)
		listener(io, s);
	else
		control(io, s);
}

size_t
upgrade_socket_write(const struct upgrade_socket *s, enum upgrade_part part,
		     void *buf, size_t size)
{
	struct wbuf w = wbuf_of(buf, size);
	struct iobuf io = {.w = &w};
	struct upgrade_socket copy = *s;

	both_ways(&io, part, &copy);
	return iobuf_ok(&io) ? wbuf_len(&w) : 0;
}

/* ---- what the kernel says ---- */

static bool
is_tcp(const struct sockaddr_storage *ss)
{
	return ss->ss_family == AF_INET || ss->ss_family == AF_INET6;
}

/* A path that is another one would be unlinked in the end. */
static bool
has_path(const struct sockaddr_storage *ss, const char *path)
{
	const struct sockaddr_un *sun = (const struct sockaddr_un *)ss;

	return ss->ss_family == AF_UNIX && path[0] &&
	       strncmp(sun->sun_path, path, sizeof(sun->sun_path)) == 0;
}

static bool
is_at(const struct sockaddr_storage *ss, const struct upgrade_socket *s)
{
	struct ip ip;

	return is_tcp(ss) && ip_from_sockaddr(ss, &ip) == s->port &&
	       ip_equal(&ip, &s->ip);
}

static bool
is_that_socket(int fd, enum upgrade_part part, const struct upgrade_socket *s)
{
	struct sockaddr_storage ss = {0};
	socklen_t len = sizeof(ss);
	int listens = 0;

	if (getsockname(fd, (struct sockaddr *)&ss, &len) < 0)
		return false;
	len = sizeof(listens);
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) < 0 ||
	    !listens)
		return false;
	if (part == UPGRADE_PART_LISTENER)
		return is_at(&ss, s);
	return s->kind == CTL_HTTP ? is_tcp(&ss) && !s->path[0]
				   : has_path(&ss, s->path);
}

int
upgrade_socket_read(const void *octets, size_t n, enum upgrade_part part,
		    int fd, struct upgrade_socket *out)
{
	struct iobuf io = {.r = rbuf_of(octets, n)};

	*out = (struct upgrade_socket){0};
	both_ways(&io, part, out);
	if (!iobuf_ok(&io) || rbuf_left(&io.r) > 0 || fd < 0 ||
	    !is_that_socket(fd, part, out))
		return -EBADMSG;
	return 0;
}
