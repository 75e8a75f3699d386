/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "conf/section.h"
#include "conf/value.h"

/* Load beyond this per core is a mistake in the file. */
#define LOAD_MAX 1000

static void
parse_used(struct load *l, const struct option *o, const yaml_node_t *node,
	   void *field)
{
	static const char expected[] = "1% to 100%, with the % sign";
	const char *text = load_text(l, node, expected);
	unsigned percent;

	if (!text)
		return;
	if (value_percent(text, &percent) != 0 || percent < 1)
		load_expected(l, node, expected);
	else
		*(unsigned *)field = percent;
}

static const struct option_type type_used = {
    OPTION_TEXT,
    "percentage, 1% to 100%",
    parse_used,
    type_equal_octets,
    "\"type\": \"string\", \"pattern\": \"^([1-9][0-9]?|100)%$\"",
};

/* "2" or "1.5" or "0.75", in hundredths. */
static bool
read_hundredths(char *text, unsigned *out)
{
	char *point = strchr(text, '.');
	uint64_t whole, part = 0;
	size_t digits = point ? strlen(point + 1) : 0;

	if (point)
		*point = '\0';
	if (value_number(text, &whole) != 0 || whole > LOAD_MAX)
		return false;
	if (point && (digits < 1 || digits > 2))
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (point[1 + i] < '0' || point[1 + i] > '9')
			return false;
		part = part * 10 + (unsigned)(point[1 + i] - '0');
	}
	*out = (unsigned)(whole * 100 + (digits == 1 ? part * 10 : part));
	return *out > 0;
}

static void
parse_per_core(struct load *l, const struct option *o, const yaml_node_t *node,
	       void *field)
{
	static const char expected[] =
	    "a load per core such as 2 or 1.5, more than 0";
	const char *text = load_text(l, node, expected);

	if (text && !read_hundredths(arena_strdup(l->arena, text), field))
		load_expected(l, node, expected);
}

static const struct option_type type_per_core = {
    OPTION_TEXT,
    "number with up to two decimals, such as 1.5",
    parse_per_core,
    type_equal_octets,
    "\"type\": [\"number\", \"string\"]",
};

/* ---- a pair of limits ---- */

static void
finish_limits(struct load *l, const yaml_node_t *node, void *base)
{
	const struct conf_limits *limits = base;

	if (!node)
		return;
	if (node->type == YAML_MAPPING_NODE && document_count(node) == 0)
		load_expected(l, node, "degraded, fail, or both");
	if (limits->degraded && limits->fail &&
	    limits->degraded >= limits->fail)
		load_fail_in(l, node, "degraded",
			     "found degraded not below fail, expected a "
			     "smaller one");
}

#define LIMITS(member) OPTION_FIELD(struct conf_limits, member)

static const struct option used_options[] = {
    {
	.key = "degraded",
	.type = &type_used,
	LIMITS(degraded),
	.absent = "none",
	.help = "used as much or more is degraded",
    },
    {
	.key = "fail",
	.type = &type_used,
	LIMITS(fail),
	.absent = "none",
	.help = "used as much or more fails",
    },
};

static const struct section section_used = {
    OPTION_SECTION(used_options),
    .what = "a limit",
    .finish = finish_limits,
};

static const struct option load_options[] = {
    {
	.key = "degraded",
	.type = &type_per_core,
	LIMITS(degraded),
	.absent = "none",
	.help = "as much or more is degraded",
    },
    {
	.key = "fail",
	.type = &type_per_core,
	LIMITS(fail),
	.absent = "none",
	.help = "as much or more fails",
    },
};

static const struct section section_load = {
    OPTION_SECTION(load_options),
    .what = "a limit",
    .finish = finish_limits,
};

/* ---- system ---- */

#define SYSTEM(member) OPTION_FIELD(struct conf_system, member)

static const struct option system_options[] = {
    {
	.key = "path",
	.type = &type_path,
	SYSTEM(path),
	.standard = "/",
	.help = "a file or folder on the file system that disk and inodes "
		"are about",
    },
    {
	.key = "disk",
	.type = &type_map,
	SYSTEM(disk),
	.section = &section_used,
	.absent = "not looked at",
	.help = "space used on that file system, counted as df(1) does",
    },
    {
	.key = "inodes",
	.type = &type_map,
	SYSTEM(inodes),
	.section = &section_used,
	.absent = "not looked at",
	.help = "inodes used on that file system",
    },
    {
	.key = "memory",
	.type = &type_map,
	SYSTEM(memory),
	.section = &section_used,
	.absent = "not looked at",
	.help = "memory that is not available any more, of the node or of "
		"the container's limit, whichever is tighter",
    },
    {
	.key = "load",
	.type = &type_map,
	SYSTEM(load),
	.section = &section_load,
	.absent = "not looked at",
	.help = "the load of the last minute divided by the number of cores",
    },
};

static void
finish_system(struct load *l, const yaml_node_t *node, void *base)
{
	static const char *const limits[] = {"disk", "inodes", "memory",
					     "load"};

	if (!node || node->type != YAML_MAPPING_NODE)
		return;
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		if (document_find(&l->document, node, limits[i]))
			return;
	load_fail(l, node,
		  "found nothing to look at, expected disk, inodes, memory or "
		  "load");
}

const struct section section_system = {
    OPTION_SECTION(system_options),
    .what = "a system check",
    .finish = finish_system,
};
