/* SPDX-License-Identifier: ISC */
/*
 * The types of option values that more than one section uses.
 */
#ifndef BASIN_CONF_TYPE_H
#define BASIN_CONF_TYPE_H

#include "conf/option.h"

extern const struct option_type type_text;    /* const char * */
extern const struct option_type type_name;    /* const char *, NAME rule */
extern const struct option_type type_escaped; /* const char *, size_t */
extern const struct option_type type_texts;   /* struct conf_names */
extern const struct option_type type_pairs;   /* struct conf_pairs */
extern const struct option_type type_bool;    /* bool */
extern const struct option_type type_number; /* unsigned of 1, 2, 4, 8 octets */
extern const struct option_type type_duration; /* struct dur */
extern const struct option_type type_choice;   /* an enum, or unsigned bits */
extern const struct option_type type_require;  /* struct conf_require */
extern const struct option_type type_file;     /* const char *, must exist */
extern const struct option_type type_path;     /* const char *, absolute */
extern const struct option_type type_map;      /* a struct with a section */

extern const struct option_type type_ip;          /* struct ip */
extern const struct option_type type_ips;         /* struct conf_ips */
extern const struct option_type type_prefixes;    /* struct conf_prefixes */
extern const struct option_type type_asn;         /* uint32_t */
extern const struct option_type type_communities; /* conf_communities */
extern const struct option_type type_endpoints;   /* conf_endpoint *, size_t */

/* Comparisons that sections use for their own types. */
option_equal type_equal_octets;
option_equal type_equal_text;
/* Relative names are relative to the configuration file's folder. */
const char *type_resolve(struct load *l, const char *name);
bool type_texts_equal(const char *a, const char *b); /* either may be NULL */

/* JSON schema members that sections reuse. */
#define TYPE_SCHEMA_TEXT "\"type\": \"string\", \"minLength\": 1"
#define TYPE_SCHEMA_IP                                                         \
	"\"type\": \"string\", "                                               \
	"\"pattern\": \"^[0-9A-Fa-f:.]+$\""
#define TYPE_SCHEMA_PREFIX                                                     \
	"\"type\": \"string\", "                                               \
	"\"pattern\": \"^[0-9A-Fa-f:.]+/[0-9]{1,3}$\""
#define TYPE_SCHEMA_ONE_OR_LIST(one)                                           \
	"\"anyOf\": [{" one "}, {\"type\": \"array\", \"items\": {" one "}}]"

#endif
