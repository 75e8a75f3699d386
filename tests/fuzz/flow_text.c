/* SPDX-License-Identifier: ISC */
/*
 * What somebody types for a flow specification. First octet: '4', '6' or 'a'
 * for its family, or actions. What is understood is printed as text of the
 * same meaning; what is not has a message.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "bgp/bgp.h"
#include "wire/bgp_flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static void
check_error(int result, const struct text *error)
{
	assert(result == 0 || result == -EINVAL);
	assert((result == 0) == (error->len == 0));
}

static void
check_flow(const char *from, uint8_t family)
{
	struct bgp_flow flow, again;
	struct text out = {0}, error = {0};
	uint8_t a[BGP_FLOW_OCTETS_MAX], b[BGP_FLOW_OCTETS_MAX];
	int result = bgp_parse_flow(from, family, &flow, &error);
	size_t n;

	check_error(result, &error);
	text_free(&error);
	if (result != 0)
		return;
	n = bgp_flow_encode(&flow, a, sizeof(a));
	assert(n > 0);
	bgp_print_flow(&flow, &out);
	assert(bgp_parse_flow(text_str(&out), family, &again, &error) == 0);
	assert(bgp_flow_encode(&again, b, sizeof(b)) == n);
	assert(memcmp(a, b, n) == 0);
	text_free(&out);
}

static void
check_actions(const char *from)
{
	struct bgp_attributes a = {0}, again = {0};
	struct text out = {0}, twice = {0}, error = {0};
	int result = bgp_parse_flow_actions(from, &a, &error);

	check_error(result, &error);
	text_free(&error);
	if (result != 0)
		return;
	bgp_print_flow_actions(&a, &out);
	assert(bgp_parse_flow_actions(text_str(&out), &again, &error) == 0);
	bgp_print_flow_actions(&again, &twice);
	assert(strcmp(text_str(&out), text_str(&twice)) == 0);
	text_free(&out);
	text_free(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	char *text;

	if (n == 0)
		return 0;
	text = xcalloc(1, n); /* one octet less, and the end */
	memcpy(text, octets + 1, n - 1);
	if (octets[0] == 'a')
		check_actions(text);
	else
		check_flow(text, octets[0] == '6' ? AF_INET6 : AF_INET);
	free(text);
	return 0;
}
