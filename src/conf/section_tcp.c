/* SPDX-License-Identifier: ISC */
/* The tcp check, and the TLS options it shares with http. */
#include <string.h>

#include "conf/section.h"

/* ---- TLS ---- */

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
		load_fail_in(l, node, "client_key",
			     "found client_key alone, expected "
			     "client_certificate with it");
}

const struct section section_tls = {
    OPTION_SECTION(tls_options), .what = "TLS",
    .finish = finish_tls,        .scalar = scalar_tls,
    .scalar_text = "true",       .scalar_schema = "\"type\": \"boolean\"",
};

/* ---- tcp ---- */

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
	section_scalar(l, &section_tcp, "port", node, base);
}
