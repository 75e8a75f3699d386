/* SPDX-License-Identifier: ISC */
/*
 * Configuration text: never a crash or a leak, never an error without a
 * message, and a tree that loads is equal to itself.
 */
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "conf/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

/* Lines for a terminal: nothing of the file moves its cursor. */
static void
check_messages(const struct text *messages)
{
	assert(text_is_utf8(text_str(messages), messages->len));
	assert(strlen(text_str(messages)) == messages->len);
	for (const char *p = text_str(messages); *p; p++)
		assert(((uint8_t)*p >= 0x20 && *p != 0x7f) || *p == '\n');
}

static void
check_tree(const char *text, size_t n, const struct conf *first)
{
	struct text messages = {0}, why = {0};
	struct conf_diff diff;
	struct conf *second;

	assert(conf_load_text("fuzz", text, n, &second, &messages) == 0);
	conf_diff(first, second, &diff);
	assert(diff.n == 0);
	conf_diff_free(&diff);
	assert(conf_guard_removal(first, second, &why) == 0);
	conf_free(second);
	text_free(&messages);
	text_free(&why);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	struct text messages = {0};
	struct conf *conf;
	int err =
	    conf_load_text("fuzz", (const char *)octets, n, &conf, &messages);

	assert((err == 0) == (conf != NULL));
	assert(err == 0 || (err == -EINVAL && messages.len > 0));
	check_messages(&messages);
	if (conf)
		check_tree((const char *)octets, n, conf);
	conf_free(conf);
	text_free(&messages);
	return 0;
}
