/* SPDX-License-Identifier: ISC */
/*
 * The configuration: one immutable tree per generation. Everything in it is
 * owned by conf->arena and freed at once by conf_free(). Every value is
 * checked and every default filled in: readers never ask "was it set?" except
 * where a field says "none when absent".
 *
 * The tables in section_*.c (one per section) are the only place that names
 * an option: the loader, the comparison of two trees, the JSON Schema, `did
 * you mean` and the manual page are all made of them.
 */
#ifndef BASIN_CONF_CONF_H
#define BASIN_CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/ip.h"
#include "base/text.h"
#include "base/time.h"
#include "base/vault.h"
#include "conf/bfd.h"
#include "conf/exabgp.h"
#include "conf/mesh.h"
#include "conf/peer.h"
#include "conf/policy.h"
#include "conf/rpki.h"

struct conf_ips {
	struct ip *v;
	size_t n;
};

struct conf_names {
	const char **v;
	size_t n;
};

/* all | any | N of the members (RFC 4786 section 4.8). */
struct conf_require {
	enum conf_require_mode {
		CONF_REQUIRE_ALL,
		CONF_REQUIRE_ANY,
		CONF_REQUIRE_COUNT,
	} mode;
	unsigned count; /* with CONF_REQUIRE_COUNT: 1..members */
};

/* ---- checks ---- */

enum conf_check_kind {
	CONF_CHECK_TCP,
	CONF_CHECK_HTTP,
	CONF_CHECK_DNS,
	CONF_CHECK_EXEC,
	CONF_CHECK_UDP,
	CONF_CHECK_ICMP,
	CONF_CHECK_NTP,
	CONF_CHECK_FILE,
	CONF_CHECK_SYSTEM,
	CONF_CHECK_PUSH,
	CONF_CHECK_SOA,
	CONF_CHECK_BFD,
	CONF_CHECK_KINDS,
};
/* Its word in the file: "tcp". */
const char *conf_check_kind_text(enum conf_check_kind kind);

/* TLS as tcp and http use it. */
struct conf_tls {
	bool enabled;
	bool verify;             /* default true */
	const char *server_name; /* SNI and name to verify; NULL when absent */
	const char *ca_file;     /* NULL: the system's */
	const char *client_certificate; /* PEM file, NULL when absent */
	const char *client_key; /* PEM file, NULL: in client_certificate */
	/* Certificate must be valid for at least this long; 0: not looked at.*/
	struct dur expiry;
};

struct conf_tcp {
	uint16_t port;
	struct conf_tls tls;
	const char *send; /* NULL when absent; C escapes are decoded */
	size_t send_len;
	const char *expect; /* NULL when absent; substring of the answer */
	size_t expect_len;
};

struct conf_status_range {
	uint16_t low, high; /* inclusive */
};

/* A header or JSON field that must (equal) or a header that is sent. */
struct conf_pair {
	const char *name, *value;
};

struct conf_pairs {
	struct conf_pair *v;
	size_t n;
};

struct conf_http {
	const char *url;                  /* as written; host may be a name */
	const char *method;               /* default GET */
	const char *host;                 /* Host header, NULL: from the URL */
	struct conf_status_range *status; /* default 200-299 */
	size_t n_status;
	const char *body;          /* substring, NULL when absent */
	const char *body_regex;    /* POSIX ERE, checked; NULL when absent */
	struct conf_pairs json;    /* dotted path -> value as text */
	struct conf_pairs headers; /* sent */
	struct conf_pairs expect_headers; /* must be in the answer */
	bool follow_redirects;            /* default false */
	struct conf_tls tls;              /* enabled by https:// */
};

enum conf_dns_transport { CONF_DNS_UDP, CONF_DNS_TCP };

struct conf_dns {
	const char *name;  /* query: "example.com SOA" */
	const char *type;  /* "SOA", one of value_rr_types() */
	const char *class; /* "IN" (default) or "CH" */
	uint16_t port;     /* default 53 */
	enum conf_dns_transport transport;
	const char *rcode;        /* default "NOERROR" */
	bool aa, ad;              /* must be set in the answer */
	bool recursion_desired;   /* RD in the query, default false */
	bool dnssec;              /* DO in the query; implied by ad */
	struct conf_names answer; /* each must be among the answers' rdata */
	const char *nsid;         /* must equal (RFC 5001), NULL when absent */
};

struct conf_exec {
	struct conf_names argv; /* no shell; argv[0] is an absolute path */
	const char *user;       /* NULL: the daemon's unprivileged user */
};

struct conf_udp {
	uint16_t port;
	const char *send; /* C escapes are decoded */
	size_t send_len;
	const char *expect; /* NULL when absent: any answer passes */
	size_t expect_len;
};

struct conf_icmp {
	uint16_t size; /* octets behind the ICMP header */
};

struct conf_strata {
	uint8_t low, high; /* inclusive, 1..15 */
};

struct conf_ntp {
	uint16_t port;
	struct conf_strata stratum;
	struct dur max_offset; /* from our own clock; 0: not looked at */
};

struct conf_file {
	const char *path; /* absolute */
	enum conf_file_state { CONF_FILE_PRESENT, CONF_FILE_ABSENT } state;
	struct dur max_age;  /* since it was written; 0: not looked at */
	const char *content; /* all of it, NULL when absent */
	const char *regex;   /* POSIX ERE, checked; NULL when absent */
	bool weight;         /* it says 0 to 100: fail, degraded, pass */
};

/* Limits of a measure, in percent; 0: none. */
struct conf_limits {
	unsigned degraded, fail;
};

struct conf_system {
	const char *path; /* on the file system of disk and inodes */
	struct conf_limits disk, inodes, memory;
	struct conf_limits load; /* of one minute, per core; 100 is one */
};

struct conf_push {
	struct dur ttl; /* silence for longer than this fails */
};

struct conf_soa {
	const char *zone;
	uint16_t port;
	struct ip primary;
	uint16_t primary_port;
	uint32_t lag;            /* serials behind that still follow */
	struct dur degraded_age; /* 0: not looked at */
	struct dur max_age;      /* since the serial last followed */
};

enum conf_initial { CONF_INITIAL_DOWN, CONF_INITIAL_UP };
enum conf_unknown { CONF_UNKNOWN_HOLD, CONF_UNKNOWN_DOWN };

struct conf_check {
	struct conf_place place;
	/*
	 * Unique in the file: "dns/tcp:53@192.0.2.53" or the given name.
	 * Journal, metrics and reload know a check by it.
	 */
	const char *name;
	enum conf_check_kind kind;
	/*
	 * Where to connect: the `address` option, else one check per service
	 * address. None for kinds that look at this node itself, and for http
	 * without `address`.
	 */
	struct ip target;
	struct ip source;         /* none when absent */
	struct dur interval;      /* default 1 s, at least 10 ms */
	struct dur fast_interval; /* while changing; default interval */
	struct dur timeout;       /* default min(interval, 1 s) */
	unsigned rise, fall;      /* default 2, 3; 1..1000 */
	unsigned jitter; /* percent of the interval, 0..50; default 5 */
	enum conf_initial initial;    /* default down */
	enum conf_unknown on_unknown; /* default hold */
	struct dur unknown_limit; /* hold no longer than this; default 60 s */
	union {
		struct conf_tcp tcp;
		struct conf_http http;
		struct conf_dns dns;
		struct conf_exec exec;
		struct conf_udp udp;
		struct conf_icmp icmp;
		struct conf_ntp ntp;
		struct conf_file file;
		struct conf_system system;
		struct conf_push push;
		struct conf_soa soa;
		struct conf_bfd_check bfd;
	};
};

/* ---- services, prefixes ---- */

/* What the kernel can tell of: "udp/53", "process/named", "file/run/x". */
#define CONF_WATCHES(X)                                                        \
	X(TCP, "tcp")                                                          \
	X(UDP, "udp")                                                          \
	X(PROCESS, "process")                                                  \
	X(PIDFILE, "pidfile")                                                  \
	X(UNIT, "unit")                                                        \
	X(FILE, "file")                                                        \
	X(DIRECTORY, "directory")

enum conf_watch_kind {
#define X(n, t) CONF_WATCH_##n,
	CONF_WATCHES(X)
#undef X
	    CONF_WATCH_KINDS
};
const char *conf_watch_kind_text(enum conf_watch_kind kind);

struct conf_watch {
	enum conf_watch_kind kind;
	uint16_t port;    /* of sockets */
	const char *name; /* in whole, as it is shown: "udp/53" */
	/* The process's name, the unit's, or an absolute path; NULL: socket */
	const char *what;
};

struct conf_watches {
	struct conf_watch *v;
	size_t n;
};

/* What it means when a watched object is gone. */
enum conf_on_event { CONF_EVENT_DOWN, CONF_EVENT_CHECK };

/* Above any of these a service has too much to do; 0: not looked at. */
struct conf_overload {
	uint32_t packets;   /* a second, of all of its addresses together */
	uint64_t octets;    /* likewise */
	uint8_t cpu;        /* percent of the node's processors */
	struct dur latency; /* median of its checks */
	struct dur after;   /* high for so long: overloaded; default 10 s */
	struct dur clear;   /* low for so long: no longer; default 60 s */
};
/* Is anything looked at? */
bool conf_overload_given(const struct conf_overload *o);

struct conf_service {
	struct conf_place place;
	const char *name;
	struct conf_ips addresses;
	const char *interface; /* default "lo" */
	bool on_link; /* IPv6 anycast addresses of that link; default false */
	struct conf_check *checks; /* expanded: one entry per target */
	size_t n_checks;
	struct conf_require require; /* of the checks */
	struct conf_watches watch;   /* none when absent */
	enum conf_on_event on_event; /* default down */
	struct conf_overload overload;
};

enum conf_origin { CONF_ORIGIN_IGP, CONF_ORIGIN_EGP, CONF_ORIGIN_INCOMPLETE };
enum conf_scope { CONF_SCOPE_GLOBAL, CONF_SCOPE_LOCAL };

/* Flap damping, RFC 2439 section 4.2. */
struct conf_damping {
	unsigned suppress, reuse; /* suppress 0: off, the default */
	struct dur half_life, max_suppress;
};

struct conf_prefix {
	struct conf_place place;
	struct prefix prefix;
	size_t *services; /* indexes into conf->services */
	size_t n_services;
	struct conf_require require; /* of the services */
	struct dur hold_down;        /* after a withdrawal; default 0 s (D2) */
	struct conf_damping damping;
	struct dur ladder_hold; /* before a better rung; default 10 s */
	enum conf_scope scope;  /* local: NO_EXPORT and NOPEER are added (N9) */
	bool blackhole;      /* keep a blackhole route while announced; true */
	uint32_t origin_asn; /* RFC 6382; 0: node asn */
	enum conf_origin origin; /* default igp */
	struct conf_communities communities;
	struct conf_brake brake;
};

/* ---- the rest ---- */

/* How a drain waits for traffic to leave. */
struct conf_drain {
	struct dur quiet;    /* quiet for so long: withdrawn; default 5 s */
	struct dur limit;    /* withdrawn at the latest; default 60 s, 0 ok */
	uint32_t quiet_rate; /* packets a second that are quiet; default 1 */
};

struct conf_node {
	struct conf_place place;
	const char *name;
	uint32_t asn;
	struct ip router_id;        /* IPv4 form, non-zero (RFC 6286) */
	struct conf_ips management; /* unique unicast addresses (N3) */
	struct dur linger; /* withdraw -> address removed; default 1 s (N2) */
	struct dur stop_timeout; /* TERM: bounded; default 5 s */
	struct conf_drain drain;
	bool counters; /* of packets to service addresses; default on */
	unsigned ecmp; /* most next hops of an imported route; default 1 */
};

/* One TCP endpoint to listen on. */
struct conf_endpoint {
	struct ip ip;
	uint16_t port;
};

struct conf_http_server {
	bool enabled;                 /* default true */
	struct conf_endpoint *listen; /* default 127.0.0.1:9179 */
	size_t n_listen;
};

struct conf_bgp {
	struct conf_endpoint *listen; /* default 0.0.0.0:179, [::]:179 */
	size_t n_listen; /* 0: do not listen (every peer is active) */
};

struct conf_control {
	const char *socket;           /* default /run/basin/basin.sock */
	const char *read_only_socket; /* default /run/basin/basin-ro.sock */
	const char *group; /* of both sockets, NULL: root only / daemon's */
	const char *push_socket; /* default: basin-push.sock beside socket */
	const char *push_group;  /* of that one, NULL: as with group */
};

enum conf_log_format {
	CONF_LOG_AUTO,
	CONF_LOG_TERMINAL,
	CONF_LOG_JOURNAL,
	CONF_LOG_JSON,
};

enum conf_log_level {
	CONF_LOG_ERROR,
	CONF_LOG_WARNING,
	CONF_LOG_NOTICE,
	CONF_LOG_INFO,
	CONF_LOG_DEBUG,
};

struct conf_log {
	enum conf_log_format format;
	enum conf_log_level level; /* default info */
};

/* The persisted journal in the state directory. */
struct conf_journal {
	bool enabled;    /* default true */
	struct dur keep; /* default 31 d */
	uint64_t size;   /* octets of all files; default 256 MiB */
};

/* The responder that names this node (N10). Ports: 0 when not answered. */
struct conf_identity {
	bool enabled;
	const char *name;       /* default node.name */
	struct conf_ips listen; /* default node.management, else loopback */
	uint16_t udp, tcp, http, dns;
};

#include "conf/block.h"

#include "conf/scenario.h"

struct conf {
	struct arena arena; /* owns everything below */
	struct vault vault; /* but the keys */
	const char *path;   /* the file as named by the user */
	struct conf_node node;
	struct conf_bgp bgp;
	struct conf_control control;
	struct conf_http_server http;
	struct conf_log log;
	struct conf_mesh mesh;
	struct conf_bfd_profile *bfd_profiles;
	size_t n_bfd_profiles;
	struct conf_start_gate start_gate;
	struct conf_rpki rpki;
	struct conf_block block;
	struct conf_exabgp *exabgp;
	size_t n_exabgp;
	const char *state_directory; /* default /var/lib/basin */
	struct conf_journal journal;
	struct conf_identity identity;
	struct conf_service *services;
	size_t n_services;
	struct conf_prefix *prefixes;
	size_t n_prefixes;
	struct conf_peer *peers;
	size_t n_peers;
};

/*
 * Reads, parses and checks `path` ("-" is standard input). On success *out is
 * a new tree for conf_free(), and warnings (if any) stand in *messages. On
 * -EINVAL every error stands in *messages, one line each:
 * "FILE:LINE:COL: what was found, what is accepted". -errno when the file
 * cannot be read (also explained in *messages). *out is NULL on error.
 */
int conf_load(const char *path, struct conf **out, struct text *messages)
    __attribute__((warn_unused_result));

/*
 * The same for the file of another machine, to look at: keys, programs, users
 * and other files that it names need not be here. No session can use it.
 */
int conf_load_elsewhere(const char *path, struct conf **out,
			struct text *messages)
    __attribute__((warn_unused_result));

/* The same for text in memory; `path` is only named in messages. */
int conf_load_text(const char *path, const char *text, size_t n,
		   struct conf **out, struct text *messages)
    __attribute__((warn_unused_result));

void conf_free(struct conf *conf);
/* Of all services together. */
size_t conf_count_checks(const struct conf *conf);

/*
 * One option of the tables, for the manual page and its tests. `section` is
 * the path of the map it stands in: "", "node", "peers.NAME",
 * "services.NAME.checks[].tcp". Borrowed during the call.
 */
struct conf_option {
	const char *section, *key;
	const char *type;     /* for people: "duration, 10ms to 1h" */
	const char *standard; /* the default in words; NULL: none */
	bool required;
	const char *help;
	bool has_options; /* is a map whose options follow */
	/* Of a peer's options: what a change does to the session, for people */
	const char *effect;
};
typedef void conf_option_fn(void *arg, const struct conf_option *option);
/* Calls `each` for every option there is, a section's head before its own. */
void conf_options_walk(conf_option_fn *each, void *arg);

/* The same for the options of a scenario. */
void conf_scenario_options_walk(conf_option_fn *each, void *arg);

/* Writes the JSON Schema (2020-12) generated from the option tables. */
void conf_write_schema(FILE *out);
void conf_scenario_write_schema(FILE *out);

/*
 * What a reload would change. Items are compared by name and by every value
 * that matters, not by place in the file. Borrowed pointers into the trees.
 */
enum conf_change_kind { CONF_ADDED, CONF_REMOVED, CONF_CHANGED };

struct conf_change {
	enum conf_change_kind kind;
	enum conf_section {
		CONF_SECTION_NODE,
		CONF_SECTION_SERVICE,
		CONF_SECTION_CHECK,
		CONF_SECTION_PREFIX,
		CONF_SECTION_PEER,
		CONF_SECTION_OTHER,
	} section;
	char name[PREFIX_TEXT_MAX + 64]; /* "transit-a", "192.0.2.0/24" */
	const char *option; /* for CHANGED: first differing option's name */
};

struct conf_diff {
	struct conf_change *v; /* owned */
	size_t n;
};

/* True when the two describe the same check. */
bool conf_check_equal(const struct conf_check *a, const struct conf_check *b);
/* True when a running process need not be started again. */
bool conf_exabgp_equal(const struct conf_exabgp *a,
		       const struct conf_exabgp *b);
void conf_diff(const struct conf *before, const struct conf *after,
	       struct conf_diff *out);
void conf_diff_free(struct conf_diff *diff);

/*
 * D10: may `after` replace `before` without being asked twice? 0, or -EPERM
 * with one sentence in *why when it would remove all, or more than half, of
 * the prefixes, services or peers.
 */
int conf_guard_removal(const struct conf *before, const struct conf *after,
		       struct text *why) __attribute__((warn_unused_result));

#endif
