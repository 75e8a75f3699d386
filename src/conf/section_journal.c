/* SPDX-License-Identifier: ISC */
/* The persisted journal. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "conf/section.h"

/* "256M": octets in units of 1024. */
static void
parse_size(struct load *l, const struct option *o, const yaml_node_t *node,
	   void *field)
{
	static const char expected[] =
	    "a size of at least 1M with its unit, such as 256M or 2G";
	const char *text = load_text(l, node, expected);
	unsigned long long number;
	char *end;
	int shift;

	if (!text)
		return;
	number = isdigit((unsigned char)*text) ? strtoull(text, &end, 10) : 0;
	if (number == 0 || number > 1000000 || end[0] == '\0' ||
	    end[1] != '\0' || !strchr("MGT", end[0])) {
		load_expected(l, node, expected);
		return;
	}
	shift = *end == 'M' ? 20 : *end == 'G' ? 30 : 40;
	*(uint64_t *)field = (uint64_t)number << shift;
}

static const struct option_type type_size = {
    OPTION_TEXT,
    "size, such as 256M",
    parse_size,
    type_equal_octets,
    "\"type\": \"string\", \"pattern\": \"^[0-9]{1,7}[MGT]$\"",
};

#define JOURNAL(member) OPTION_FIELD(struct conf_journal, member)

static const struct option journal_options[] = {
    {
	.key = "keep",
	.type = &type_duration,
	JOURNAL(keep),
	.low = 86400 * SECOND_NS,
	.high = 3660 * 86400 * SECOND_NS,
	.standard = "31d",
	.help = "files of days before this are removed",
    },
    {
	.key = "size",
	.type = &type_size,
	JOURNAL(size),
	.standard = "256M",
	.help = "the oldest files are removed while all of them are larger; "
		"a single day that is larger ends before its midnight",
    },
};

static void
scalar_journal(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_journal *journal = base;

	if (strcmp(document_text(node), "off") != 0) {
		load_expected(l, node, "off, or a map with keep and size");
		return;
	}
	journal->keep = DUR_ZERO;
}

static void
finish_journal(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_journal *journal = base;

	journal->enabled = journal->keep.ns > 0;
}

const struct section section_journal = {
    OPTION_SECTION(journal_options),
    .what = "the journal",
    .finish = finish_journal,
    .scalar = scalar_journal,
    .scalar_text = "off",
    .scalar_schema = "\"enum\": [\"off\", false]",
};
