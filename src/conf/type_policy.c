/* SPDX-License-Identifier: ISC */
#include "conf/type_policy.h"

#include <errno.h>
#include <string.h>

#include "conf/section.h"

#define RANGE_WORDS 5 /* PREFIX ge N le N */

static const char expected_range[] =
    "a prefix, such as 192.0.2.0/24 or \"10.0.0.0/8 ge 16 le 24\", or "
    "default";

static unsigned
bits_of(const struct prefix *p)
{
	return p->addr.family == AF_INET ? 32 : 128;
}

/* The number of a bound; false after a message. */
static bool
parse_bound(struct load *l, const yaml_node_t *node, const char *word,
	    const struct prefix *p, uint8_t *out)
{
	unsigned value = 0;
	char rest;

	if (sscanf(word, "%3u%c", &value, &rest) != 1 || word[0] == '-' ||
	    word[0] == '+' || value < p->len || value > bits_of(p)) {
		load_fail(l, node,
			  "found the length %s, expected %u to %u for this "
			  "prefix",
			  load_quote(l, word), p->len, bits_of(p));
		return false;
	}
	*out = (uint8_t)value;
	return true;
}

/* "ge N" and "le N" behind the prefix; false after a message. */
static bool
parse_bounds(struct load *l, const yaml_node_t *node, char **words, size_t n,
	     struct conf_range *out)
{
	bool ge = false, le = false;

	for (size_t i = 0; i + 1 < n; i += 2) {
		bool is_ge = strcmp(words[i], "ge") == 0;
		bool *seen = is_ge ? &ge : &le;

		if ((!is_ge && strcmp(words[i], "le") != 0) || *seen) {
			load_expected(l, node, expected_range);
			return false;
		}
		*seen = true;
		if (!parse_bound(l, node, words[i + 1], &out->prefix,
				 is_ge ? &out->ge : &out->le))
			return false;
	}
	if (ge && !le)
		out->le = (uint8_t)bits_of(&out->prefix);
	if (le && out->ge > out->le) {
		load_fail(l, node, "found ge %u above le %u, expected less",
			  out->ge, out->le);
		return false;
	}
	return true;
}

static void
refuse_prefix(struct load *l, const yaml_node_t *node, int err,
	      const struct prefix *meant)
{
	char text[PREFIX_TEXT_MAX];

	if (err == -EDOM)
		load_fail(l, node,
			  "found %s, whose bits behind the length are not all "
			  "zero, expected a prefix such as %s",
			  load_found(l, node),
			  prefix_format(meant, text, sizeof(text)));
	else
		load_expected(l, node, expected_range);
}

static void
parse_range(struct load *l, const yaml_node_t *node, struct conf_ranges *out)
{
	char *copy = arena_strdup(&l->scratch, document_text(node));
	char *words[RANGE_WORDS + 1];
	size_t n = section_split(copy, words, RANGE_WORDS);
	struct conf_range range;
	int err;

	memset(&range, 0, sizeof(range));
	err = n ? prefix_parse(words[0], &range.prefix) : -EINVAL;
	if (err != 0 || n > RANGE_WORDS || n % 2 == 0) {
		refuse_prefix(l, node, err, &range.prefix);
		return;
	}
	range.ge = range.le = range.prefix.len;
	if (parse_bounds(l, node, words + 1, n - 1, &range))
		memcpy(&out->v[out->n++], &range, sizeof(range));
}

static void
add_defaults(struct conf_ranges *out)
{
	static const char *const texts[] = {"0.0.0.0/0", "::/0"};

	for (size_t i = 0; i < 2; i++)
		(void)!prefix_parse(texts[i], &out->v[out->n++].prefix);
}

static void
parse_ranges(struct load *l, const struct option *o, const yaml_node_t *node,
	     void *field)
{
	struct conf_ranges *out = field;
	size_t n;

	if (!load_some(l, node, expected_range, &n))
		return;
	/* The word default is two of them. */
	*out = (struct conf_ranges){load_alloc(l, 2 * n, sizeof(*out->v)), 0};
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *item = load_item(l, node, i);

		if (strcmp(document_text(item), "default") == 0)
			add_defaults(out);
		else
			parse_range(l, item, out);
	}
}

static bool
equal_ranges(const struct option *o, const void *a, const void *b,
	     const struct option_trees *trees)
{
	const struct conf_ranges *x = a, *y = b;

	return x->n == y->n &&
	       (x->n == 0 || memcmp(x->v, y->v, x->n * sizeof(*x->v)) == 0);
}

static void
parse_asns(struct load *l, const struct option *o, const yaml_node_t *node,
	   void *field)
{
	struct conf_asns *out = field;
	size_t n;

	if (!load_some(l, node, "an AS number, or a list of them", &n))
		return;
	*out = (struct conf_asns){load_alloc(l, n, sizeof(*out->v)), 0};
	for (size_t i = 0; i < n; i++) {
		uint32_t asn = 0;

		type_asn.parse(l, o, load_item(l, node, i), &asn);
		if (asn)
			out->v[out->n++] = asn;
	}
}

static bool
equal_asns(const struct option *o, const void *a, const void *b,
	   const struct option_trees *trees)
{
	const struct conf_asns *x = a, *y = b;

	return x->n == y->n &&
	       (x->n == 0 || memcmp(x->v, y->v, x->n * sizeof(*x->v)) == 0);
}

#define SCHEMA_RANGE                                                           \
	"\"type\": \"string\", \"pattern\": "                                  \
	"\"^(default|[0-9A-Fa-f:.]+/[0-9]{1,3}( +[gl]e +[0-9]{1,3}){0,2})$\""
#define SCHEMA_ASN                                                             \
	"\"type\": [\"number\", \"string\"], \"pattern\": "                    \
	"\"^[0-9]+([.][0-9]+)?$\""

const struct option_type type_ranges = {
    OPTION_TEXT,
    "PREFIX [ge N] [le N], default, or list of them",
    parse_ranges,
    equal_ranges,
    TYPE_SCHEMA_ONE_OR_LIST(SCHEMA_RANGE),
};
const struct option_type type_asns = {
    OPTION_TEXT, "AS number or list of them",         parse_asns,
    equal_asns,  TYPE_SCHEMA_ONE_OR_LIST(SCHEMA_ASN),
};
