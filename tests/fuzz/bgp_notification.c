/* SPDX-License-Identifier: ISC */
/*
 * The body of a NOTIFICATION, and the same octets as an operator's text in a
 * shutdown communication.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/bgp.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static void
check_parts(const uint8_t *message, size_t n, const struct bgp_notification *p)
{
	if (n < BGP_HEADER_LEN + 2)
		assert(p->data_len == 0);
	else
		assert(p->data == message + BGP_HEADER_LEN + 2 &&
		       p->data_len == n - BGP_HEADER_LEN - 2);
	if (!p->text) {
		assert(p->text_len == 0);
		return;
	}
	assert(p->text > p->data && p->text_len > 0 && p->text_len <= 255);
	assert(p->text + p->text_len == message + n);
	assert(text_is_utf8(p->text, p->text_len));
}

static void
check_again(const uint8_t *message, size_t n, const struct bgp_notification *p)
{
	uint8_t buf[BGP_MESSAGE_MAX];
	size_t len = bgp_encode_notification(p->code, p->subcode, p->data,
					     p->data_len, buf, sizeof(buf));

	if (n < BGP_HEADER_LEN + 2)
		return;
	if (n > BGP_MESSAGE_MAX) {
		assert(len == 0);
		return;
	}
	assert(len == n);
	assert(memcmp(buf + BGP_HEADER_LEN, message + BGP_HEADER_LEN,
		      n - BGP_HEADER_LEN) == 0);
}

static void
check_as_text(const uint8_t *octets, size_t n)
{
	uint8_t buf[BGP_MESSAGE_MAX];
	struct bgp_notification p;
	char *text = malloc(n + 1);
	size_t len;

	assert(text);
	if (n > 0)
		memcpy(text, octets, n);
	text[n] = '\0';
	len = bgp_encode_shutdown(BGP_CEASE_ADMIN_SHUTDOWN, text, buf,
				  sizeof(buf));
	bgp_decode_notification(buf, len, &p);
	assert(p.code == BGP_ERR_CEASE);
	assert(p.subcode == BGP_CEASE_ADMIN_SHUTDOWN);
	assert((p.text_len > 0) == (text[0] != '\0'));
	assert(p.text_len <= strlen(text));
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	size_t len = BGP_HEADER_LEN + n;
	uint8_t *message = malloc(len);
	struct bgp_notification p;

	assert(message);
	memset(message, 0xff, BGP_HEADER_LEN);
	if (n > 0)
		memcpy(message + BGP_HEADER_LEN, octets, n);
	bgp_decode_notification(message, len, &p);
	check_parts(message, len, &p);
	check_again(message, len, &p);
	check_as_text(octets, n);
	assert(bgp_error_text(p.code, p.subcode));
	free(message);
	return 0;
}
