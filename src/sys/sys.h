/* SPDX-License-Identifier: ISC */
/*
 * Everything that touches the kernel with privilege, behind few functions.
 *
 * The root helper is forked first, before libraries are loaded. It is a table
 * of verbs over SOCK_SEQPACKET pairs: fixed-size requests, descriptor
 * passing, nothing else. When the main process is gone (EOF) it undoes what
 * must not outlive it (addresses, routes, running check commands) and exits.
 */
#ifndef BASIN_SYS_SYS_H
#define BASIN_SYS_SYS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#include "base/ip.h"
#include "base/log.h"
#include "base/time.h"

/* Marks what is ours in the kernel: IFA_PROTO and rtm_protocol. */
#define SYS_PROTOCOL 179

/* ---- starting and unprivileging ---- */

struct helper; /* the main process's end */

struct helper_settings {
	struct log log;    /* copied into the helper */
	const char *user;  /* the unprivileged user for check commands */
	char *const *argv; /* of main(), for a hot upgrade; may be NULL */
};

/*
 * Forks the helper. Returns in the main process with *out set; the child
 * never returns. 0 or -errno.
 */
int helper_spawn(const struct helper_settings *s, struct helper **out)
    __attribute__((warn_unused_result));
/* Puts the answers on the loop. `gone` is called when the helper died. */
int helper_attach(struct helper *h, uv_loop_t *loop, void (*gone)(void *arg),
		  void *arg) __attribute__((warn_unused_result));
/*
 * Clean end: the helper undoes what is left and exits; waits <= 2 s. Callbacks
 * that still wait are dropped. The memory goes when the loop turns once more.
 */
void helper_stop(struct helper *h);
pid_t helper_pid(const struct helper *h);

/*
 * Drops to `user` (no supplementary groups), clears all capabilities, sets
 * no_new_privs and installs the system-call filter. Messages for people on
 * failure are logged. After this only the helper has privilege. 0 or -errno.
 */
int sandbox_enter(const char *user, struct log *log)
    __attribute__((warn_unused_result));
/* Whether seccomp, user and capabilities are really in force, for `status`. */
struct sandbox_facts {
	bool filtered, no_new_privileges, unprivileged;
};
void sandbox_facts(struct sandbox_facts *out);

/* ---- verbs ---- */

/* Answer of a verb: 0 or -errno. Comes later on the loop, in order. */
typedef void helper_done(void *arg, int error);

/*
 * Listening TCP socket on port 179 or an unprivileged one (else -EACCES), as a
 * descriptor (non-blocking, close-on-exec, IPV6_V6ONLY, SO_REUSEADDR).
 * Synchronous: only at start-up and reload. Returns the descriptor or -errno.
 */
int helper_listen(struct helper *h, const struct ip *ip, uint16_t port)
    __attribute__((warn_unused_result));

/*
 * Socket of a small responder on one unicast address, there or not yet
 * (IP_FREEBIND); with tcp it listens. Port 53, 80 or an unprivileged one (else
 * -EACCES). Synchronous: only at start-up and reload. Descriptor or -errno.
 */
int helper_serve(struct helper *h, const struct ip *ip, uint16_t port, bool tcp)
    __attribute__((warn_unused_result));

/*
 * Adds /32 or /128 on an interface with IFA_PROTO 179, nodad, noprefixroute.
 * -EEXIST when it is there and not ours (then it is used, never deleted).
 */
int helper_address_add(struct helper *h, const char *interface,
		       const struct ip *ip, helper_done *done, void *arg)
    __attribute__((warn_unused_result));
int helper_address_del(struct helper *h, const char *interface,
		       const struct ip *ip, helper_done *done, void *arg)
    __attribute__((warn_unused_result));

/*
 * Joins an IPv6 anycast address on a link, or joins it anew: neighbours are
 * answered with the Override flag clear, until it is left or the helper ends.
 * -EADDRNOTAVAIL: no prefix of the link covers it and the node is no router;
 * -EINVAL: it is an address of this node. The kernel takes no TCP on it.
 */
int helper_anycast_join(struct helper *h, const char *interface,
			const struct ip *ip, helper_done *done, void *arg)
    __attribute__((warn_unused_result));
int helper_anycast_leave(struct helper *h, const char *interface,
			 const struct ip *ip, helper_done *done, void *arg)
    __attribute__((warn_unused_result));

/* A next hop. */
struct sys_hop {
	struct ip gateway;
	unsigned ifindex; /* for link-local gateways, else 0 */
};

#define SYS_HOPS_MAX 8 /* of one route */

/*
 * Sends one router advertisement with router lifetime 0 to all nodes of the
 * link: nobody takes this node for a default router, but a BGP speaker there
 * learns its link-local address.
 */
int helper_advertise(struct helper *h, const char *interface, helper_done *done,
		     void *arg) __attribute__((warn_unused_result));

struct sys_route {
	struct prefix prefix;
	bool blackhole;
	struct ip gateway; /* none with blackhole */
	unsigned ifindex;  /* for link-local gateways, else 0 */
	uint32_t metric;   /* IPv6 has 1024 when 0 */
	/*
	 * Further next hops, of equal cost. Whose they are is said where the
	 * route is; sys_route_set() makes them the route's own.
	 */
	struct sys_hop *more;
	uint8_t n_more;
};
/* Copies `from` with its hops (NULL: nothing) over what `to` owned. */
void sys_route_set(struct sys_route *to, const struct sys_route *from);
/* The same way to the same prefix? */
bool sys_route_equal(const struct sys_route *a, const struct sys_route *b);
/* Adds the route, or puts it in the place of ours with prefix and metric. */
int helper_route_add(struct helper *h, const struct sys_route *r,
		     helper_done *done, void *arg)
    __attribute__((warn_unused_result));
int helper_route_del(struct helper *h, const struct sys_route *r,
		     helper_done *done, void *arg)
    __attribute__((warn_unused_result));

/*
 * Runs argv (absolute path, no shell) as `user` in its own session and process
 * group, stdin /dev/null, clean environment; kills the group at `deadline`
 * (at most one hour) and at its end, with what it left in the background.
 * `user` NULL: the helper's default. Root is refused with EPERM: the main
 * process must not become it again. No more than 1024 run at once (EAGAIN).
 * Keeps the first 4096 octets of its output. Token > 0 or -errno.
 */
struct helper_exec_result {
	int wait_status;    /* waitpid(2), -1: not started */
	int error;          /* errno when not started */
	bool deadline;      /* killed because it took too long */
	const char *output; /* borrowed during the call */
	size_t output_len;
};
typedef void helper_exec_done(void *arg, const struct helper_exec_result *r);
int helper_exec(struct helper *h, const char *const *argv, size_t argc,
		const char *user, struct dur deadline, helper_exec_done *done,
		void *arg) __attribute__((warn_unused_result));
void helper_exec_kill(struct helper *h, int token);

/*
 * A long-lived process, in a group of its own, never as root, killed with its
 * group when `channel` is closed, by us or by our end. At its end one struct
 * helper_ended comes on the channel. All descriptors are non-blocking and the
 * caller's. Synchronous; 0 or -errno.
 */
struct helper_process {
	int channel, input, output, errors;
};
struct helper_ended {
	int error;       /* errno: it could not be started */
	int wait_status; /* waitpid(2) */
};
int helper_run(struct helper *h, const char *const *argv, size_t argc,
	       const char *user, struct helper_process *out)
    __attribute__((warn_unused_result));

/*
 * nftables counters of service addresses: packets and octets that reached this
 * node for `ip` from elsewhere. They live in a table of the helper's, which
 * nobody else can change and which the kernel removes when the helper ends.
 * Errors: -EOPNOTSUPP, -EPROTONOSUPPORT, -EPERM when there can be none here.
 */
struct sys_counter {
	struct ip ip;
	uint64_t packets, octets;
};
/*
 * Counts exactly these addresses from now on (keeps the counts of those that
 * stay). At most 4096, else -E2BIG.
 */
int helper_counters_set(struct helper *h, const struct ip *v, size_t n,
			helper_done *done, void *arg)
    __attribute__((warn_unused_result));
typedef void helper_counters_done(void *arg, int error,
				  const struct sys_counter *v,
				  size_t n); /* borrowed during the call */
int helper_counters_read(struct helper *h, helper_counters_done *done,
			 void *arg) __attribute__((warn_unused_result));
/*
 * Drops packets to these addresses, at most 128 (-E2BIG), until `limit` (at
 * most one hour) has passed or it is called again with n 0; gone when the
 * helper ends.
 */
int helper_drop(struct helper *h, const struct ip *v, size_t n,
		struct dur limit, helper_done *done, void *arg)
    __attribute__((warn_unused_result));

/* Does nothing: answered behind everything that was asked before. */
int helper_barrier(struct helper *h, helper_done *done, void *arg)
    __attribute__((warn_unused_result));
/*
 * A hot upgrade: starts `path` (absolute, of root, writable by nobody else)
 * with the arguments of this process and --upgrade=FD, a SOCK_SEQPACKET pair
 * whose other end is returned. -EBUSY: one is there already. Synchronous, as
 * the next one.
 */
int helper_upgrade(struct helper *h, const char *path)
    __attribute__((warn_unused_result));
/*
 * The state is given to that process from now on: when this one dies and that
 * one lives on, it has taken over, and nothing is undone.
 */
int helper_upgrade_hand(struct helper *h) __attribute__((warn_unused_result));
/* Kills that process. When this returns it does nothing any more. */
int helper_upgrade_kill(struct helper *h) __attribute__((warn_unused_result));
/*
 * That process's helper owns what this one added: nothing is undone at the
 * end. Synchronous.
 */
int helper_release(struct helper *h) __attribute__((warn_unused_result));

/*
 * The lowest real-time priority (SCHED_RR) for a thread of this process, by
 * its number in the kernel. -EPERM where that is not permitted.
 */
int helper_realtime(struct helper *h, pid_t thread, helper_done *done,
		    void *arg) __attribute__((warn_unused_result));

/*
 * Where packets to `hop` (`ifindex`: of a link-local one) go next, as the
 * kernel has it now: itself when it is on a link that is up, or a gateway that
 * somebody else's route names. -EHOSTUNREACH: nowhere; a default route does
 * not count, nor one of ours.
 */
int sys_reach(const struct ip *hop, unsigned ifindex, struct sys_hop *out)
    __attribute__((warn_unused_result));

/* ---- watching the kernel (unprivileged, in the main process) ---- */

/* An address or route as the kernel has it. */
struct sys_address {
	unsigned ifindex;
	char interface[16];
	struct ip ip;
	uint8_t len;
	uint8_t protocol; /* IFA_PROTO, 0 when none */
	bool tentative;
};

struct netwatch;
struct netwatch_callbacks {
	/* An address appeared or went. */
	void (*address)(void *arg, const struct sys_address *a, bool gone);
	/* A route with rtm_protocol 179 appeared or went. */
	void (*route)(void *arg, const struct sys_route *r, bool gone);
	void (*link)(void *arg, unsigned ifindex, const char *name, bool up);
	/* Notifications were lost (ENOBUFS); a dump follows by itself. */
	void (*overrun)(void *arg);
	/*
	 * A dump is complete: what was not reported since begin is gone. One
	 * that was cut by an overrun begins again without having ended.
	 */
	void (*dump_begin)(void *arg);
	void (*dump_end)(void *arg);
};
int netwatch_new(uv_loop_t *loop, struct log *log,
		 const struct netwatch_callbacks *cb, void *arg,
		 struct netwatch **out) __attribute__((warn_unused_result));
/* Asks for a full dump of addresses and of our routes. */
int netwatch_dump(struct netwatch *w) __attribute__((warn_unused_result));
void netwatch_close(struct netwatch *w);

/*
 * Listening sockets: TCP ones that listen, UDP ones without a remote address.
 * Sockets are read and notifications come without privilege.
 */
struct sockwatch;
struct sockwatch_socket {
	uint8_t protocol; /* IPPROTO_TCP or IPPROTO_UDP */
	uint16_t port;
	/*
	 * Each of them must be listened on, itself or by a wildcard. None: a
	 * socket on any address will do. Borrowed until the next set.
	 */
	const struct ip *addresses;
	size_t n;
};
/* The socket of this index of sockwatch_set() went, or came. */
typedef void sockwatch_report(void *arg, size_t index, bool present);
int sockwatch_new(uv_loop_t *loop, struct log *log, sockwatch_report *report,
		  void *arg, struct sockwatch **out)
    __attribute__((warn_unused_result));
/*
 * Watches exactly these from now on. Each is reported before this returns,
 * unless the kernel's list cannot be read (which is logged, and tried again).
 * -errno when there are no notifications: then sockets are only polled.
 */
int sockwatch_set(struct sockwatch *w, const struct sockwatch_socket *v,
		  size_t n) __attribute__((warn_unused_result));
/* Reads the kernel's list now. */
void sockwatch_look(struct sockwatch *w);
void sockwatch_close(struct sockwatch *w);

/*
 * Other things that are there or gone. Each watch below reports every thing
 * before its set returns, and changes later, in the turn of the loop in which
 * the kernel told of them. None needs privilege. Names and paths are borrowed
 * until the next set.
 */
enum sys_presence {
	SYS_GONE,
	SYS_PRESENT,
	SYS_UNKNOWN, /* it cannot be seen; `error` says why */
};
struct sys_sight {
	enum sys_presence presence;
	/* -errno. Not SYS_UNKNOWN: changes are noticed late, by looking. */
	int error;
	bool looked; /* found by a look: the kernel did not tell */
};
typedef void sys_sighted(void *arg, size_t index, const struct sys_sight *s);

/*
 * Processes by what they execute: there while one lives. A name is that of
 * the kernel (comm), or the base name of the executable.
 */
struct procwatch;
struct procwatch *procwatch_new(uv_loop_t *loop, sys_sighted *report,
				void *arg);
void procwatch_set(struct procwatch *w, const char *const *names, size_t n);
void procwatch_close(struct procwatch *w);

/* The process whose number is in a file. */
struct pidwatch;
struct pidwatch *pidwatch_new(uv_loop_t *loop, sys_sighted *report, void *arg);
void pidwatch_set(struct pidwatch *w, const char *const *paths, size_t n);
void pidwatch_close(struct pidwatch *w);

/* Files that exist; directories that exist and are not empty. */
struct pathwatch;
struct pathwatch_path {
	const char *path; /* absolute */
	bool directory;
};
struct pathwatch *pathwatch_new(uv_loop_t *loop, sys_sighted *report,
				void *arg);
void pathwatch_set(struct pathwatch *w, const struct pathwatch_path *v,
		   size_t n);
void pathwatch_close(struct pathwatch *w);

/*
 * Units of systemd with processes in their cgroup. `mounts` NULL: the table in
 * /proc. SYS_UNKNOWN with -ENOTSUP where units have no cgroup v2.
 */
struct cgroupwatch;
struct cgroupwatch *cgroupwatch_new(uv_loop_t *loop, const char *mounts,
				    sys_sighted *report, void *arg);
void cgroupwatch_set(struct cgroupwatch *w, const char *const *units, size_t n);
void cgroupwatch_close(struct cgroupwatch *w);

/*
 * Routers on IPv6 links, by their link-local address: those whose
 * advertisements the kernel has heard. Needs no privilege.
 */
struct neighwatch;
typedef void neighwatch_heard(void *arg, unsigned ifindex, const struct ip *ip);
/* Those that are known are reported on the loop. */
int neighwatch_new(uv_loop_t *loop, neighwatch_heard *heard, void *arg,
		   struct neighwatch **out) __attribute__((warn_unused_result));
void neighwatch_close(struct neighwatch *w);

/* ---- sockets ---- */

/* How segments are authenticated: RFC 2385 or RFC 5925. */
struct sys_tcp_key {
	enum sys_tcp_auth { SYS_TCP_PLAIN, SYS_TCP_MD5, SYS_TCP_AO } auth;
	const uint8_t *key; /* borrowed */
	size_t n;           /* at most 80 */
	/* TCP-AO */
	uint8_t send_id, receive_id;
	const char *algorithm; /* as the kernel names it: "hmac(sha1)" */
	uint8_t mac_octets;
};

/*
 * Segments from and to these neighbours have the key from now on, on any
 * socket: listening, connecting or connected. `ifindex`: 0, or the link of
 * link-local ones. -EOPNOTSUPP: the kernel cannot do it; -ENOMEM: too many
 * keys on one socket (net.core.optmem_max).
 */
int sys_tcp_key_set(int fd, const struct prefix *who, unsigned ifindex,
		    const struct sys_tcp_key *key)
    __attribute__((warn_unused_result));
int sys_tcp_key_remove(int fd, const struct prefix *who, unsigned ifindex,
		       const struct sys_tcp_key *key)
    __attribute__((warn_unused_result));
/* Can this kernel do it? Asks it once. */
bool sys_tcp_can(enum sys_tcp_auth auth);

/* RFC 5082: takes packets only from at most so many hops away; 0: all. */
int sys_tcp_guard(int fd, uint8_t family, uint8_t hops)
    __attribute__((warn_unused_result));

struct sys_tcp_target {
	struct ip source, dest; /* source none: unbound */
	uint16_t port;
	unsigned scope;        /* interface index of a link-local dest */
	const char *interface; /* bound to it; NULL: routed */
	uint8_t ttl;           /* 0: the kernel's */
	uint8_t hops;          /* sys_tcp_guard() */
	struct sys_tcp_key key;
};
/*
 * Non-blocking, close-on-exec TCP socket, connect() begun. Returns the
 * descriptor or -errno.
 */
int sys_tcp_connect(const struct sys_tcp_target *t)
    __attribute__((warn_unused_result));

/* What the kernel knows of a connection (TCP_INFO). */
struct sys_tcp_facts {
	uint32_t unacked;       /* segments */
	uint32_t retransmits;   /* of the oldest one, in a row */
	uint32_t retransmitted; /* segments, since the beginning */
	uint32_t out_of_order;  /* segments that came behind a hole */
	uint32_t mss;           /* of what is sent */
	uint64_t octets_acked;
	struct dur silence; /* since data came */
};
int sys_tcp_look(int fd, struct sys_tcp_facts *out)
    __attribute__((warn_unused_result));

/*
 * TCP segments that the kernel dropped in this network namespace, since it was
 * made: of all connections together.
 */
struct sys_tcp_counts {
	uint32_t wrong_key;      /* TCPMD5Failure, TCPAOBad */
	uint32_t no_key;         /* TCPMD5NotFound, TCPAORequired */
	uint32_t unexpected_key; /* TCPMD5Unexpected, TCPAOKeyNotFound */
	uint32_t too_far;        /* TCPMinTTLDrop */
};
/* Zeroes where they cannot be read. */
void sys_tcp_count(struct sys_tcp_counts *out);
/* Is it in a network of one of the interfaces, or link-local? */
bool sys_on_link(const struct ip *ip);

/* ---- files ---- */

/*
 * Replaces a file's content atomically: write beside it, fsync, rename.
 * 0 or -errno; the old content stays on error.
 */
int sys_file_replace(const char *path, const void *octets, size_t n,
		     mode_t mode) __attribute__((warn_unused_result));

/* ---- service manager ---- */

/*
 * sd_notify(3) messages when NOTIFY_SOCKET is set, nothing otherwise;
 * libsystemd is loaded only then. `watchdog` is half of WATCHDOG_USEC, or 0.
 */
void notify_ready(const char *status);
void notify_reloading(void);
/* This process is the main one from now on (MAINPID=). */
void notify_main(pid_t pid);
void notify_stopping(void);
void notify_watchdog(void);
struct dur notify_watchdog_period(void);

#endif
