/* SPDX-License-Identifier: ISC */
#include "check/icmp_message.h"

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>

#include "wire/cursor.h"

/* What follows the nonce counts up, so that a shifted answer is seen. */
static uint8_t
filler(size_t at)
{
	return (uint8_t)at;
}

size_t
icmp_message_request(const struct icmp_message *m, uint8_t *octets, size_t room)
{
	struct wbuf w = wbuf_of(octets, room);

	wbuf_u8(&w, m->family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST);
	wbuf_u8(&w, 0);
	wbuf_u16(&w, 0); /* checksum */
	wbuf_u16(&w, m->id);
	wbuf_u16(&w, m->sequence);
	wbuf_bytes(&w, m->nonce, sizeof(m->nonce));
	for (size_t i = sizeof(m->nonce); i < m->size; i++)
		wbuf_u8(&w, filler(i));
	return w.full ? 0 : wbuf_len(&w);
}

bool
icmp_message_is_reply(const struct icmp_message *m, const uint8_t *octets,
		      size_t n)
{
	struct rbuf r = rbuf_of(octets, n);
	uint8_t type = rbuf_u8(&r), code = rbuf_u8(&r);
	const uint8_t *nonce;

	rbuf_u16(&r); /* checksum: the kernel has looked */
	if (type != (m->family == AF_INET ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY))
		return false;
	if (code != 0 || rbuf_u16(&r) != m->id || rbuf_u16(&r) != m->sequence)
		return false;
	if (r.bad || rbuf_left(&r) != m->size)
		return false;
	nonce = rbuf_take(&r, sizeof(m->nonce));
	if (!nonce || memcmp(nonce, m->nonce, sizeof(m->nonce)) != 0)
		return false;
	for (size_t i = sizeof(m->nonce); i < m->size; i++)
		if (rbuf_u8(&r) != filler(i))
			return false;
	return true;
}
