/* SPDX-License-Identifier: ISC */
/* The kinds of checks: their words, their options, what they connect to. */
#include <string.h>

#include "conf/section.h"

#define KIND(name)                                                             \
	.word = #name, .section = &section_##name,                             \
	.offset = offsetof(struct conf_check, name)
#define PORT(name) .port = offsetof(struct conf_check, name.port)

const struct section_kind section_kinds[CONF_CHECK_KINDS] = {
    [CONF_CHECK_TCP] = {KIND(tcp), PORT(tcp), .remote = true, .expanded = true},
    [CONF_CHECK_HTTP] = {KIND(http), .remote = true},
    [CONF_CHECK_DNS] = {KIND(dns), PORT(dns), .remote = true, .expanded = true},
    [CONF_CHECK_EXEC] = {KIND(exec)},
    [CONF_CHECK_NTP] = {KIND(ntp), PORT(ntp), .remote = true, .expanded = true},
    [CONF_CHECK_FILE] = {KIND(file)},
    [CONF_CHECK_SYSTEM] = {KIND(system)},
    [CONF_CHECK_PUSH] = {KIND(push)},
    [CONF_CHECK_SOA] = {KIND(soa), PORT(soa), .remote = true, .expanded = true},
    [CONF_CHECK_ICMP] = {KIND(icmp), .remote = true, .expanded = true},
    [CONF_CHECK_BFD] = {.word = "bfd",
			.section = &section_bfd_check,
			.offset = offsetof(struct conf_check, bfd)},
    [CONF_CHECK_UDP] = {KIND(udp), PORT(udp), .remote = true, .expanded = true},
};

const char *
conf_check_kind_text(enum conf_check_kind kind)
{
	return section_kinds[kind].word;
}

uint16_t
section_kind_port(const struct conf_check *c)
{
	uint16_t port;

	memcpy(&port, (const char *)c + section_kinds[c->kind].port,
	       sizeof(port));
	return port;
}

const char *
section_kind_words(struct load *l)
{
	const char *words[CONF_CHECK_KINDS + 1] = {0};

	for (size_t i = 0; i < CONF_CHECK_KINDS; i++)
		words[i] = section_kinds[i].word;
	return load_words(l, words);
}
