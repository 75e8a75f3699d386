/* SPDX-License-Identifier: ISC */

#include "conf/section.h"
#include "conf/value.h"

static const char query_expected[] =
    "NAME TYPE, or NAME TYPE CLASS, such as example.com SOA";

static bool
query_type(struct load *l, const yaml_node_t *node, const char *word,
	   struct conf_dns *out)
{
	out->type = value_in_list(word, value_rr_types());
	if (out->type)
		return true;
	load_fail(l, node,
		  "found the type %s%s, expected a record type such "
		  "as A, AAAA, NS, SOA or TXT",
		  load_quote(l, word), load_hint(l, word, value_rr_types()));
	return false;
}

static void
parse_query(struct load *l, const struct option *o, const yaml_node_t *node,
	    void *field)
{
	static const char *const classes[] = {"IN", "CH", NULL};
	const char *text = load_text(l, node, query_expected);
	struct conf_dns *out = field;
	char *word[3];
	size_t n;

	if (!text)
		return;
	n = section_split(arena_strdup(l->arena, text), word, 3);
	if (n < 2 || n > 3) {
		load_expected(l, node, query_expected);
		return;
	}
	out->name = word[0];
	out->class = n == 3 ? value_in_list(word[2], classes) : "IN";
	if (!value_is_domain(word[0]))
		load_fail(l, node, "found the name %s, expected a domain name",
			  load_quote(l, word[0]));
	if (!out->class)
		load_fail(l, node, "found the class %s, expected IN or CH",
			  load_quote(l, word[2]));
	if (!query_type(l, node, word[1], out))
		out->name = NULL;
}

static bool
equal_query(const struct option *o, const void *a, const void *b,
	    const struct option_trees *trees)
{
	const struct conf_dns *x = a, *y = b;

	return type_texts_equal(x->name, y->name) &&
	       type_texts_equal(x->type, y->type) &&
	       type_texts_equal(x->class, y->class);
}

static void
parse_rcode(struct load *l, const struct option *o, const yaml_node_t *node,
	    void *field)
{
	const char *const *all = value_rcodes();
	const char *text = load_text(l, node, "a response code");
	const char *known;

	if (!text)
		return;
	known = value_in_list(text, all);
	if (known)
		*(const char **)field = known;
	else
		load_fail(l, node, "found %s%s, expected %s",
			  load_found(l, node), load_hint(l, text, all),
			  load_words(l, all));
}

static const struct option_type type_query = {
    OPTION_TEXT,
    "NAME TYPE, or NAME TYPE CLASS",
    parse_query,
    equal_query,
    "\"type\": \"string\", \"pattern\": \"^ *[^ ]+ +[A-Za-z0-9]+"
    "( +[A-Za-z]+)? *$\"",
};
static const struct option_type type_rcode = {
    OPTION_TEXT,
    "response code",
    parse_rcode,
    type_equal_text,
    "\"type\": \"string\", \"pattern\": \"^[A-Za-z]+$\"",
};

static const struct option_choice transports[] = {
    {"udp", CONF_DNS_UDP},
    {"tcp", CONF_DNS_TCP},
    {NULL, 0},
};

#define DNS(member) OPTION_FIELD(struct conf_dns, member)

static const struct option dns_options[] = {
    {
	.key = "query",
	.type = &type_query,
	.offset = 0,
	.size = sizeof(struct conf_dns),
	.required = true,
	.help = "the question; class CH asks for identities such as "
		"hostname.bind TXT CH",
    },
    {
	.key = "port",
	.type = &type_number,
	DNS(port),
	.low = 1,
	.high = UINT16_MAX,
	.standard = "53",
	.help = "the port to ask at",
    },
    {
	.key = "transport",
	.type = &type_choice,
	DNS(transport),
	.choices = transports,
	.standard = "udp",
	.help = "how the question travels",
    },
    {
	.key = "rcode",
	.type = &type_rcode,
	DNS(rcode),
	.standard = "NOERROR",
	.help = "the response code that passes",
    },
    {
	.key = "aa",
	.type = &type_bool,
	DNS(aa),
	.standard = "false",
	.help = "the answer must be authoritative",
    },
    {
	.key = "ad",
	.type = &type_bool,
	DNS(ad),
	.standard = "false",
	.help = "the answer must be authenticated by DNSSEC; implies "
		"dnssec",
    },
    {
	.key = "recursion_desired",
	.type = &type_bool,
	DNS(recursion_desired),
	.standard = "false",
	.help = "ask for recursion: for resolvers",
    },
    {
	.key = "dnssec",
	.type = &type_bool,
	DNS(dnssec),
	.standard = "false",
	.help = "ask for DNSSEC records (the DO bit)",
    },
    {
	.key = "answer",
	.type = &type_texts,
	DNS(answer),
	.absent = "not looked at",
	.help = "record data, each of which must be among the answers",
    },
    {
	.key = "nsid",
	.type = &type_text,
	DNS(nsid),
	.high = 128,
	.absent = "not looked at",
	.help = "the name server identifier the answer must carry "
		"(RFC 5001)",
    },
};

static void
finish_dns(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_dns *dns = base;

	if (dns->ad)
		dns->dnssec = true;
}

static void scalar_dns(struct load *l, const yaml_node_t *node, void *base);

const struct section section_dns = {
    OPTION_SECTION(dns_options),
    .what = "a dns check",
    .finish = finish_dns,
    .scalar = scalar_dns,
    .scalar_text = "a query such as example.com SOA",
    .scalar_schema = "\"type\": \"string\", \"pattern\": "
		     "\"^ *[^ ]+ +[A-Za-z0-9]+( +[A-Za-z]+)? *$\"",
};

static void
scalar_dns(struct load *l, const yaml_node_t *node, void *base)
{
	section_scalar(l, &section_dns, "query", node, base);
}
