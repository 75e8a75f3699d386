/* SPDX-License-Identifier: ISC */
#include <regex.h>
#include <string.h>

#include "conf/section.h"
#include "conf/value.h"

static void
parse_url(struct load *l, const struct option *o, const yaml_node_t *node,
	  void *field)
{
	const char *text =
	    load_text(l, node, "a URL, such as http://127.0.0.1/health");
	struct value_url url;
	const char *why;

	if (!text)
		return;
	if (value_url(text, &url, &why) != 0)
		load_fail(l, node,
			  "found %s, but %s; expected a URL such as "
			  "https://www.example.com/health",
			  load_found(l, node), why);
	else
		*(const char **)field = arena_strdup(l->arena, text);
}

static void
parse_method(struct load *l, const struct option *o, const yaml_node_t *node,
	     void *field)
{
	const char *text = load_text(l, node, "an HTTP method");
	size_t n;

	if (!text)
		return;
	n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	if (n == 0 || n > 16 || text[n] != '\0')
		load_expected(l, node,
			      "an HTTP method in capitals, such as GET");
	else
		*(const char **)field = arena_strdup(l->arena, text);
}

/* Ranges and their number behind them. */
struct ranges {
	struct conf_status_range *v;
	size_t n;
};

static void
parse_status(struct load *l, const struct option *o, const yaml_node_t *node,
	     void *field)
{
	static const char expected[] =
	    "a status code or range from 100 to 599, such as 200 or 200-299";
	struct ranges *out = field;
	size_t n;

	if (!load_some(l, node, expected, &n))
		return;
	*out = (struct ranges){load_alloc(l, n, sizeof(*out->v)), n};
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *item = load_item(l, node, i);

		if (value_status(document_text(item), &out->v[i]) != 0)
			load_expected(l, item, expected);
	}
}

static bool
equal_status(const struct option *o, const void *a, const void *b,
	     const struct option_trees *trees)
{
	const struct ranges *x = a, *y = b;

	return x->n == y->n && memcmp(x->v, y->v, x->n * sizeof(*x->v)) == 0;
}

static void
parse_regex(struct load *l, const struct option *o, const yaml_node_t *node,
	    void *field)
{
	const char *text = load_text(l, node, "a regular expression");
	char why[128];
	regex_t regex;
	int err;

	if (!text)
		return;
	err = regcomp(&regex, text, REG_EXTENDED | REG_NOSUB);
	if (err != 0) {
		regerror(err, &regex, why, sizeof(why));
		load_fail(l, node,
			  "found %s (%s), expected a POSIX extended regular "
			  "expression",
			  load_found(l, node), why);
		return;
	}
	regfree(&regex);
	*(const char **)field = arena_strdup(l->arena, text);
}

static bool
is_header_name(const char *text)
{
	return text[0] != '\0' &&
	       text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "abcdefghijklmnopqrstuvwxyz"
				 "0123456789!#$%&'*+-.^_`|~")] == '\0';
}

static void
parse_headers(struct load *l, const struct option *o, const yaml_node_t *node,
	      void *field)
{
	type_pairs.parse(l, o, node, field);
	for (size_t i = 0;
	     i < document_count(node) && node->type == YAML_MAPPING_NODE; i++) {
		const yaml_node_t *key = document_key(&l->document, node, i);
		const yaml_node_t *value =
		    document_value(&l->document, node, i);

		if (!is_header_name(document_text(key)))
			load_expected(l, key, "the name of an HTTP header");
		if (value->type == YAML_SCALAR_NODE &&
		    strpbrk(document_text(value), "\r\n"))
			load_expected(l, value, "one line of text");
	}
}

static bool
equal_headers(const struct option *o, const void *a, const void *b,
	      const struct option_trees *trees)
{
	return type_pairs.equal(o, a, b, trees);
}

static const struct option_type type_url = {
    OPTION_TEXT,
    "URL",
    parse_url,
    type_equal_text,
    "\"type\": \"string\", \"pattern\": \"^[Hh][Tt][Tt][Pp][Ss]?://[^ ]+$\"",
};
static const struct option_type type_method = {
    OPTION_TEXT,
    "HTTP method",
    parse_method,
    type_equal_text,
    "\"type\": \"string\", \"pattern\": \"^[A-Z]{1,16}$\"",
};
#define STATUS_SCHEMA                                                          \
	"\"type\": [\"integer\", \"string\"], \"minimum\": 100, "              \
	"\"maximum\": 599, \"pattern\": \"^[1-5][0-9]{2}(-[1-5][0-9]{2})?$\""
static const struct option_type type_status = {
    OPTION_TEXT,  "status range or list of them",         parse_status,
    equal_status, TYPE_SCHEMA_ONE_OR_LIST(STATUS_SCHEMA),
};
const struct option_type type_regex = {
    OPTION_TEXT,      "POSIX extended regular expression",
    parse_regex,      type_equal_text,
    TYPE_SCHEMA_TEXT,
};
static const struct option_type type_headers = {
    OPTION_TEXT,
    "map of header names to texts",
    parse_headers,
    equal_headers,
    "\"type\": \"object\", \"minProperties\": 1, "
    "\"additionalProperties\": {\"type\": [\"string\", \"number\"]}",
};

#define HTTP(member) OPTION_FIELD(struct conf_http, member)

static const struct option http_options[] = {
    {
	.key = "url",
	.type = &type_url,
	HTTP(url),
	.required = true,
	.help = "what to ask for; https:// speaks TLS",
    },
    {
	.key = "method",
	.type = &type_method,
	HTTP(method),
	.standard = "GET",
	.help = "the request's method",
    },
    {
	.key = "host",
	.type = &type_text,
	HTTP(host),
	.high = 255,
	.absent = "the host of the URL",
	.help = "the Host header",
    },
    {
	.key = "status",
	.type = &type_status,
	HTTP(status),
	.standard = "200-299",
	.help = "status codes that pass",
    },
    {
	.key = "body",
	.type = &type_text,
	HTTP(body),
	.absent = "not looked at",
	.help = "text the body must contain",
    },
    {
	.key = "body_regex",
	.type = &type_regex,
	HTTP(body_regex),
	.absent = "not looked at",
	.help = "expression the body must match",
    },
    {
	.key = "json",
	.type = &type_pairs,
	HTTP(json),
	.absent = "not looked at",
	.help = "fields of a JSON body by dotted path, and the value each "
		"must have",
    },
    {
	.key = "headers",
	.type = &type_headers,
	HTTP(headers),
	.absent = "none",
	.help = "headers to send",
    },
    {
	.key = "expect_headers",
	.type = &type_headers,
	HTTP(expect_headers),
	.absent = "not looked at",
	.help = "headers the answer must have, and their values",
    },
    {
	.key = "follow_redirects",
	.type = &type_bool,
	HTTP(follow_redirects),
	.standard = "false",
	.help = "follow redirections instead of judging them",
    },
    {
	.key = "tls",
	.type = &type_map,
	HTTP(tls),
	.section = &section_tls,
	.absent = "as its options say",
	.help = "TLS of an https:// URL",
    },
};

static void
finish_http(struct load *l, const yaml_node_t *node, void *base)
{
	const yaml_node_t *tls = document_find(&l->document, node, "tls");
	struct conf_http *http = base;
	struct value_url url;
	const char *why;

	http->tls.enabled =
	    http->url && value_url(http->url, &url, &why) == 0 && url.tls;
	if (tls && http->url && !http->tls.enabled)
		load_fail_in(
		    l, node, "tls",
		    "found tls with an http:// URL, expected https://");
}

static void scalar_http(struct load *l, const yaml_node_t *node, void *base);

const struct section section_http = {
    OPTION_SECTION(http_options),
    .what = "an http check",
    .finish = finish_http,
    .scalar = scalar_http,
    .scalar_text = "a URL",
    .scalar_schema = "\"type\": \"string\", "
		     "\"pattern\": \"^[Hh][Tt][Tt][Pp][Ss]?://[^ ]+$\"",
};

static void
scalar_http(struct load *l, const yaml_node_t *node, void *base)
{
	section_scalar(l, &section_http, "url", node, base);
}
