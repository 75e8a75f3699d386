/* SPDX-License-Identifier: ISC */
/* The check kinds: tcp, http, dns, exec, and the TLS options they share. */
#include <errno.h>
#include <pwd.h>
#include <regex.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/section.h"
#include "conf/value.h"

/* ---- TLS ----------------------------------------------------------------- */

#define TLS(member) OPTION_FIELD(struct conf_tls, member)

static const struct option tls_options[] = {
    {
	.key = "verify",
	.type = &type_bool,
	TLS(verify),
	.standard = "true",
	.help = "the certificate must be valid for the name",
    },
    {
	.key = "server_name",
	.type = &type_text,
	TLS(server_name),
	.high = 253,
	.absent = "the host of the URL; for tcp the address",
	.help = "the name to ask for (SNI) and to verify",
    },
    {
	.key = "ca_file",
	.type = &type_file,
	TLS(ca_file),
	.absent = "the system's authorities",
	.help = "PEM file of the certificate authorities to trust",
    },
    {
	.key = "client_certificate",
	.type = &type_file,
	TLS(client_certificate),
	.absent = "none",
	.help = "PEM file of the certificate to show to the server",
    },
    {
	.key = "client_key",
	.type = &type_file,
	TLS(client_key),
	.absent = "in client_certificate",
	.help = "PEM file of the key of client_certificate",
    },
    {
	.key = "expiry",
	.type = &type_duration,
	TLS(expiry),
	.low = 0,
	.high = 3650 * 86400 * SECOND_NS,
	.standard = "0s",
	.help = "the certificate must be valid for at least this long; 0s "
		"does not look",
    },
};

static void
scalar_tls(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_tls *tls = base;
	const char *text = document_text(node);

	if (strcmp(text, "true") == 0 || strcmp(text, "yes") == 0 ||
	    strcmp(text, "on") == 0)
		tls->enabled = true;
	else if (strcmp(text, "false") != 0 && strcmp(text, "no") != 0 &&
		 strcmp(text, "off") != 0)
		load_expected(l, node, "true, false or a map of TLS options");
}

static void
finish_tls(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_tls *tls = base;

	if (!node)
		return;
	if (node->type == YAML_MAPPING_NODE)
		tls->enabled = true;
	if (tls->client_key && !tls->client_certificate)
		load_fail(l, node,
			  "found client_key alone, expected "
			  "client_certificate with it");
}

static const struct section section_tls = {
    OPTION_SECTION(tls_options), .what = "TLS",
    .finish = finish_tls,        .scalar = scalar_tls,
    .scalar_text = "true",       .scalar_schema = "\"type\": \"boolean\"",
};

/* ---- tcp ----------------------------------------------------------------- */

#define TCP(member) OPTION_FIELD(struct conf_tcp, member)

static const struct option tcp_options[] = {
    {
	.key = "port",
	.type = &type_number,
	TCP(port),
	.low = 1,
	.high = UINT16_MAX,
	.required = true,
	.help = "the port to connect to",
    },
    {
	.key = "tls",
	.type = &type_map,
	TCP(tls),
	.section = &section_tls,
	.absent = "false",
	.help = "speak TLS once connected: true, or a map of options",
    },
    {
	.key = "send",
	.type = &type_escaped,
	TCP(send),
	.absent = "nothing",
	.help = "octets to send once connected",
    },
    {
	.key = "expect",
	.type = &type_escaped,
	TCP(expect),
	.absent = "nothing",
	.help = "octets the answer must contain",
    },
};

/* A bare value is the option `key` alone. */
static void
scalar_as(struct load *l, const struct section *s, const char *key,
	  const yaml_node_t *node, void *base)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct option *o = &s->options[i];

		if (strcmp(o->key, key) == 0)
			o->type->parse(l, o, node, (char *)base + o->offset);
	}
}

static void scalar_tcp(struct load *l, const yaml_node_t *node, void *base);

const struct section section_tcp = {
    OPTION_SECTION(tcp_options),
    .what = "a tcp check",
    .scalar = scalar_tcp,
    .scalar_text = "a port number",
    .scalar_schema = "\"type\": \"integer\", \"minimum\": 1, "
		     "\"maximum\": 65535",
};

static void
scalar_tcp(struct load *l, const yaml_node_t *node, void *base)
{
	scalar_as(l, &section_tcp, "port", node, base);
}

/* ---- http ---------------------------------------------------------------- */

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
		*(const char **)field = arena_strdup(&l->conf->arena, text);
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
		*(const char **)field = arena_strdup(&l->conf->arena, text);
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

	if (!load_list(l, node, expected, &n))
		return;
	if (n == 0) {
		load_expected(l, node, expected);
		return;
	}
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
	*(const char **)field = arena_strdup(&l->conf->arena, text);
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
static const struct option_type type_regex = {
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
		load_fail(l, tls,
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
	scalar_as(l, &section_http, "url", node, base);
}

/* ---- dns ----------------------------------------------------------------- */

static const char query_expected[] =
    "NAME TYPE, or NAME TYPE CLASS, such as example.com SOA";

/* Cuts `text` at blanks; the number of words, at most max + 1. */
static size_t
words_of(char *text, char **out, size_t max)
{
	size_t n = 0;
	char *rest = NULL;

	for (char *word = strtok_r(text, " \t\n", &rest); word && n <= max;
	     word = strtok_r(NULL, " \t\n", &rest), n++)
		if (n < max)
			out[n] = word;
	return n;
}

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
	n = words_of(arena_strdup(&l->conf->arena, text), word, 3);
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
	scalar_as(l, &section_dns, "query", node, base);
}

/* ---- exec ---------------------------------------------------------------- */

static void
check_program(struct load *l, const yaml_node_t *node, const char *path)
{
	struct stat st;

	if (path[0] != '/')
		load_fail(l, node,
			  "found the program %s, expected an absolute path "
			  "(there is no shell and no PATH)",
			  load_quote(l, path));
	else if (stat(path, &st) != 0 && errno == EACCES)
		load_warn(l, node, "the program %s cannot be looked at: %s",
			  load_quote(l, path), strerror(errno));
	else if (stat(path, &st) != 0)
		load_fail(l, node,
			  "found no program %s (%s), expected one that is "
			  "there",
			  load_quote(l, path), strerror(errno));
	else if (!S_ISREG(st.st_mode) || !(st.st_mode & 0111))
		load_fail(l, node,
			  "found %s, which cannot be executed, expected a "
			  "program",
			  load_quote(l, path));
}

/* One text is split at blanks, without a shell. */
static struct conf_names
split_command(struct load *l, const char *text)
{
	size_t max = strlen(text) / 2 + 1;
	char **word = load_scratch(l, max, sizeof(*word));
	struct conf_names argv;

	argv.n = words_of(arena_strdup(&l->conf->arena, text), word, max);
	argv.v = load_alloc(l, argv.n + 1, sizeof(*argv.v));
	memcpy(argv.v, word, argv.n * sizeof(*word));
	return argv;
}

static void
parse_command(struct load *l, const struct option *o, const yaml_node_t *node,
	      void *field)
{
	static const char expected[] =
	    "a program and its arguments, such as [/usr/bin/check, -v]";
	struct conf_names *out = field;
	size_t n;

	if (!load_list(l, node, expected, &n))
		return;
	if (node->type == YAML_SEQUENCE_NODE) {
		/* One more: argv ends with NULL. */
		*out = (struct conf_names){
		    load_alloc(l, n + 1, sizeof(*out->v)), n};
		for (size_t i = 0; i < n; i++)
			out->v[i] =
			    arena_strdup(&l->conf->arena,
					 document_text(load_item(l, node, i)));
	} else {
		*out = split_command(l, document_text(node));
	}
	if (out->n == 0)
		load_expected(l, node, expected);
	else
		check_program(l, load_item(l, node, 0), out->v[0]);
}

static bool
equal_command(const struct option *o, const void *a, const void *b,
	      const struct option_trees *trees)
{
	return type_texts.equal(o, a, b, trees);
}

static void
parse_user(struct load *l, const struct option *o, const yaml_node_t *node,
	   void *field)
{
	const char *text = load_text(l, node, "the name of a user");

	if (!text)
		return;
	if (!getpwnam(text))
		load_fail(l, node,
			  "found %s, which is no user of this machine, "
			  "expected a user",
			  load_found(l, node));
	*(const char **)field = arena_strdup(&l->conf->arena, text);
}

static const struct option_type type_command = {
    OPTION_TEXT,   "text split at blanks, or list of texts",  parse_command,
    equal_command, TYPE_SCHEMA_ONE_OR_LIST(TYPE_SCHEMA_TEXT),
};
static const struct option_type type_user = {
    OPTION_TEXT, "user", parse_user, type_equal_text, TYPE_SCHEMA_TEXT,
};

static const struct option exec_options[] = {
    {
	.key = "command",
	.type = &type_command,
	OPTION_FIELD(struct conf_exec, argv),
	.required = true,
	.help = "the program and its arguments; exit status 0 passes, 1 is "
		"degraded, others fail",
    },
    {
	.key = "user",
	.type = &type_user,
	OPTION_FIELD(struct conf_exec, user),
	.absent = "the daemon's unprivileged user",
	.help = "the user to run it as",
    },
};

static void scalar_exec(struct load *l, const yaml_node_t *node, void *base);

const struct section section_exec = {
    OPTION_SECTION(exec_options),
    .what = "an exec check",
    .scalar = scalar_exec,
    .scalar_text = "a program and its arguments",
    .scalar_schema = TYPE_SCHEMA_TEXT,
};

static void
scalar_exec(struct load *l, const yaml_node_t *node, void *base)
{
	scalar_as(l, &section_exec, "command", node, base);
}
