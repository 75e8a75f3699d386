/* SPDX-License-Identifier: ISC */
/* The kinds of checks and the modules some of them live in. */
#ifndef BASIN_CHECK_KIND_H
#define BASIN_CHECK_KIND_H

#include "check/check.h"
#include "check/tls.h"

extern const struct check_kind check_tcp_kind;
extern const struct check_kind check_exec_kind;
extern const struct check_kind check_udp_kind;
extern const struct check_kind check_icmp_kind;
extern const struct check_kind check_ntp_kind;
extern const struct check_kind check_file_kind;
extern const struct check_kind check_push_kind;
extern const struct check_kind check_system_kind;
extern const struct check_kind check_bfd_kind;
extern const struct check_kind check_http_kind; /* module check_http */
extern const struct check_kind check_dns_kind;  /* module check_dns */
extern const struct check_kind check_soa_kind;  /* module check_dns */
extern const struct tls_ops check_tls_ops;      /* module check_tls */

/*
 * Loads what this check needs beyond its kind, so that no run has to. False
 * with a message for people in *why when it is missing.
 */
bool kind_prepare(const struct conf_check *conf, const char **why);

/* The module check_tls, loaded at first use; NULL with a message in *why. */
const struct tls_ops *kind_tls(const char **why);

#endif
