/* SPDX-License-Identifier: ISC */
/* A datagram of another node: what is decoded is encoded the same again. */
#include <stdlib.h>
#include <string.h>

#include "mesh/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static void
copy_items(struct message *m, struct message_body *body)
{
	struct message_item item;

	message_body_begin(body, m->type);
	while (message_take(m, &item))
		if (!message_body_add(body, &item))
			return;
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	struct message m, head;
	struct message_body body;
	uint8_t again[MESSAGE_MAX];
	unsigned items;
	size_t len;

	if (message_decode(octets, n, &m) != 0)
		return 0;
	head = m;
	items = m.items;
	copy_items(&m, &body);
	/* A body may be longer than ours: short names leave more room. */
	if (body.items < items)
		return 0;
	len = message_encode(&head, &body, again);
	if (len != head.covered || memcmp(again, octets, len) != 0)
		abort();
	return 0;
}
