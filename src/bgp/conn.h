/* SPDX-License-Identifier: ISC */
/*
 * One TCP connection: octets in, framed messages up; messages down, octets
 * out. Bounded work per loop turn; a connection that is let go after a
 * NOTIFICATION lingers on its own until the peer has read it.
 */
#ifndef BASIN_BGP_CONN_H
#define BASIN_BGP_CONN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <uv.h>

#include "base/ip.h"
#include "base/time.h"
#include "wire/bgp.h"

/* Read at most this much of one connection in one turn. */
#define CONN_SLICE (32 * 1024)

/* Shared by the connections of a speaker. */
struct conn_host {
	uv_loop_t *loop; /* borrowed */
	/* Owned by the speaker; CONN_SLICE + BGP_EXTENDED_MAX. */
	uint8_t *rx;
	unsigned n;              /* connections whose handles are not closed */
	void (*gone)(void *arg); /* one of them is closed */
	void *arg;
	TAILQ_HEAD(, conn) all;
};

struct conn_callbacks {
	void (*connected)(void *arg);
	void (*message)(void *arg, uint8_t type, const uint8_t *m, size_t n);
	void (*bad_header)(void *arg, const struct bgp_verdict *v);
	/* 0: the peer closed; else -errno. Also when connecting failed. */
	void (*failed)(void *arg, int error);
	/* The kernel took octets. */
	void (*progress)(void *arg);
};

struct conn {
	struct conn_host *host; /* borrowed */
	const struct conn_callbacks *cb;
	void *arg;
	int fd; /* -1 after conn_close */
	bool connecting, lingering, shut;
	size_t most; /* octets of a message that may come (RFC 8654) */
	int events;  /* what is polled */
	struct ip local, remote;
	uint16_t remote_port;
	uint8_t *rx; /* owned; a message that is not complete, or NULL */
	size_t rx_n, rx_size;
	uint8_t *tx; /* owned; not yet taken by the kernel, or NULL */
	size_t tx_at, tx_n, tx_size;
	uint64_t queued, written; /* octets since the beginning */
	uint64_t received;
	uv_poll_t poll;
	uv_timer_t timer; /* of lingering */
	unsigned handles;
	TAILQ_ENTRY(conn) in_all;
};

/* Takes over the descriptor (connect begun, or accepted). NULL: -errno. */
struct conn *conn_new(struct conn_host *host, int fd, bool connecting,
		      const struct conn_callbacks *cb, void *arg, int *error);
/*
 * Queues one or more whole messages and writes what the kernel takes now.
 * Never calls back; a broken connection shows on the next turn.
 */
void conn_send(struct conn *c, const uint8_t *octets, size_t n);
static inline size_t
conn_pending(const struct conn *c)
{
	return c->tx_n - c->tx_at;
}
/* Reads what has come, at most a slice; for a last look before a timeout. */
void conn_read(struct conn *c);
/* Closes at once; no callback follows. The memory goes by itself. */
void conn_close(struct conn *c);
/* Sends what is queued, then FIN, waits for the peer's; at most `limit`. */
void conn_linger(struct conn *c, struct dur limit);
/* TTL or hop limit of our packets. */
void conn_set_ttl(int fd, uint8_t family, uint8_t ttl);
/* Closes a descriptor so that the peer sees a reset. */
void conn_reset_fd(int fd);

#endif
