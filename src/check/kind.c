/* SPDX-License-Identifier: ISC */
/*
 * Which descriptor belongs to which kind; what is not linked in is a module.
 */
#include "check/kind.h"

#include <assert.h>

#include "base/module.h"

const struct check_kind *
check_kind_find(enum conf_check_kind kind, const char **why)
{
	switch (kind) {
	case CONF_CHECK_TCP:
		return &check_tcp_kind;
	case CONF_CHECK_EXEC:
		return &check_exec_kind;
	case CONF_CHECK_UDP:
		return &check_udp_kind;
	case CONF_CHECK_ICMP:
		return &check_icmp_kind;
	case CONF_CHECK_NTP:
		return &check_ntp_kind;
	case CONF_CHECK_FILE:
		return &check_file_kind;
	case CONF_CHECK_PUSH:
		return &check_push_kind;
	case CONF_CHECK_BFD:
		return &check_bfd_kind;
	case CONF_CHECK_SYSTEM:
		return &check_system_kind;
	case CONF_CHECK_HTTP:
		return module_find("check", "check_http", "check_http_kind",
				   why);
	case CONF_CHECK_DNS:
		return module_find("check", "check_dns", "check_dns_kind", why);
	case CONF_CHECK_SOA:
		return module_find("check", "check_dns", "check_soa_kind", why);
	case CONF_CHECK_KINDS:
		break;
	}
	assert(!"a kind of check that does not exist");
	return NULL;
}

const struct tls_ops *
kind_tls(const char **why)
{
	return module_find("check", "check_tls", "check_tls_ops", why);
}

bool
kind_prepare(const struct conf_check *conf, const char **why)
{
	if (conf->kind != CONF_CHECK_TCP || !conf->tcp.tls.enabled)
		return true;
	return kind_tls(why) != NULL;
}
