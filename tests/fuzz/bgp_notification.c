/* SPDX-License-Identifier: ISC */
/*
 * The body of a NOTIFICATION, and the same octets as an operator's text in a
 * shutdown communication.
 */
#include <assert.h>

#include "base/text.h"
#include "message.h"

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
	static char text[FUZZ_BODY_MAX + 1];
	size_t len;

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
}

/* A Hard Reset around the same octets says what they say. */
static void
check_hard_reset(const uint8_t *octets, size_t n,
		 const struct bgp_notification *p)
{
	uint8_t buf[BGP_MESSAGE_MAX];
	struct bgp_notification outer;
	size_t len;

	if (n < 2)
		return;
	len = bgp_encode_hard_reset(octets[0], octets[1], octets + 2, n - 2,
				    buf, sizeof(buf));
	assert(len == (n + 2 + BGP_HEADER_LEN <= sizeof(buf)
			   ? n + 2 + BGP_HEADER_LEN
			   : 0));
	if (len == 0)
		return;
	bgp_decode_notification(buf, len, &outer);
	assert(outer.hard_reset && outer.inner_code == p->code);
	assert(outer.inner_subcode == p->subcode);
	assert(outer.inner_data_len == p->data_len);
	assert(outer.text_len == p->text_len || p->hard_reset);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	static struct fuzz_message room;
	struct bgp_notification p;
	const uint8_t *m;

	if (n > FUZZ_BODY_MAX)
		return 0;
	m = fuzz_message(&room, octets, n);
	bgp_decode_notification(m, BGP_HEADER_LEN + n, &p);
	check_parts(m, BGP_HEADER_LEN + n, &p);
	check_again(m, BGP_HEADER_LEN + n, &p);
	if (n % 4 == 0) /* that is for us to say; the decoder is the point */
		check_as_text(octets, n);
	check_hard_reset(octets, n, &p);
	assert(bgp_error_text(p.code, p.subcode));
	return 0;
}
