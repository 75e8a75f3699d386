/* SPDX-License-Identifier: ISC */
/*
 * Every metric: the one list that /metrics, the manual page and their test
 * read. X(id, sample name, type, unit, help). Counters end in _total; a unit
 * is the name's last word (before _total).
 */
#ifndef BASIN_DAEMON_METRICS_H
#define BASIN_DAEMON_METRICS_H

#include "base/text.h"

#define METRICS(X)                                                             \
	X(BUILD_INFO, "basin_build_info", "gauge", "",                         \
	  "Always 1; labels version and node.")                                \
	X(START_TIME, "basin_start_time_seconds", "gauge", "seconds",          \
	  "When basind started, seconds since 1970 UTC.")                      \
	X(CONFIG_GENERATION, "basin_config_generation", "gauge", "",           \
	  "Configurations in force since the start; 1 is the first.")          \
	X(CONFIG_LOADED, "basin_config_loaded_time_seconds", "gauge",          \
	  "seconds",                                                           \
	  "When the configuration in force was loaded, since 1970 UTC.")       \
	X(CONFIG_RELOAD_FAILED, "basin_config_reload_failed", "gauge", "",     \
	  "1 when the last reload was refused: the file is not in force.")     \
	X(DRAINED, "basin_drained", "gauge", "",                               \
	  "1 for each drain; target node is always there, 0 or 1.")            \
	X(DRAINING, "basin_draining", "gauge", "",                             \
	  "1 while traffic is still leaving; target node is always there.")    \
	X(BLOCKS, "basin_blocks", "gauge", "",                                 \
	  "Blocks that stand: what is dropped upstream (basin block).")        \
	X(BLOCKS_LIMIT, "basin_blocks_limit", "gauge", "",                     \
	  "Most blocks that may stand at once (block.limit).")                 \
	X(OFFLINE, "basin_offline", "gauge", "",                               \
	  "1 while the node is offline, by `basin offline`.")                  \
	X(ATTACK_MODE, "basin_attack_mode", "gauge", "",                       \
	  "1 while attack mode is on: failed checks withdraw nothing.")        \
	X(ALARMS, "basin_alarms", "gauge", "",                                 \
	  "Alarms that stand: desired and actual differ, for example.")        \
	X(ANNOUNCED, "basin_announced", "gauge", "",                           \
	  "1 when the prefix stands in the peer's Adj-RIB-Out: it was "        \
	  "really sent.")                                                      \
	X(DESIRED, "basin_desired", "gauge", "",                               \
	  "1 when the decision is to announce the prefix.")                    \
	X(PREFIX_STATE, "basin_prefix_state", "gauge", "",                     \
	  "1 for the state and reason the prefix has now.")                    \
	X(PREFIX_RUNG, "basin_prefix_rung", "gauge", "",                       \
	  "1 for the rung the prefix is on: healthy, degraded, draining, "     \
	  "withdrawn.")                                                        \
	X(PREFIX_PENALTY, "basin_prefix_penalty", "gauge", "",                 \
	  "Figure of merit of a prefix that has damping; 0 without flaps.")    \
	X(WATCH_PRESENT, "basin_watch_present", "gauge", "",                   \
	  "1 while the kernel has what a service is watched by; no sample "    \
	  "when it cannot be watched.")                                        \
	X(WATCH_EVENTS, "basin_watch_events_total", "counter", "",             \
	  "Watched things that went or came.")                                 \
	X(WATCH_REPAIRS, "basin_watch_repairs_total", "counter", "",           \
	  "Watched things that went without the kernel saying so; a look "     \
	  "found it.")                                                         \
	X(SERVICE_STATE, "basin_service_state", "gauge", "",                   \
	  "1 for the state and reason the service has now.")                   \
	X(CHECK_STATE, "basin_check_state", "gauge", "",                       \
	  "1 for the state and reason the check has now.")                     \
	X(TRANSITIONS, "basin_transitions_total", "counter", "",               \
	  "State changes into or out of up (check, service) or announced "     \
	  "(prefix).")                                                         \
	X(CHECK_LATENCY, "basin_check_latency_seconds", "gauge", "seconds",    \
	  "How long the last run of the check took.")                          \
	X(CHECK_SAMPLES, "basin_check_samples_total", "counter", "",           \
	  "Results of the check by verdict.")                                  \
	X(CHECK_RUNS, "basin_check_runs_total", "counter", "",                 \
	  "Results of all checks.")                                            \
	X(CHECK_SKIPPED, "basin_check_skipped_total", "counter", "",           \
	  "Runs left out because the last one of the check still went on.")    \
	X(PUSH_REPORTS, "basin_push_reports_total", "counter", "",             \
	  "Reports of applications to push checks.")                           \
	X(PUSH_MERGED, "basin_push_merged_total", "counter", "",               \
	  "Reports that a later one replaced before the check sampled them.")  \
	X(CHECK_LATENESS_MAX, "basin_check_lateness_max_seconds", "gauge",     \
	  "seconds",                                                           \
	  "Worst delay of a check against its schedule since the last read.")  \
	X(CHECK_LATENESS_P99, "basin_check_lateness_p99_seconds", "gauge",     \
	  "seconds", "99th percentile of that delay, last 4096 runs.")         \
	X(ADDRESSES, "basin_addresses", "gauge", "",                           \
	  "1 for the state the service address has now.")                      \
	X(HEALED, "basin_healed_total", "counter", "",                         \
	  "Service addresses and kernel routes put back after somebody else "  \
	  "removed them.")                                                     \
	X(OUT_RETRIES, "basin_out_retries_total", "counter", "",               \
	  "Changes of the kernel that had to be tried again.")                 \
	X(OUT_OVERRUNS, "basin_out_overruns_total", "counter", "",             \
	  "Lost kernel notifications; the state was read again.")              \
	X(PEER_STATE, "basin_peer_state", "gauge", "",                         \
	  "1 for the state of RFC 4271 the session has now.")                  \
	X(PEER_SUSPENDED, "basin_peer_suspended", "gauge", "",                 \
	  "1 while the session is kept closed because the node is out of "     \
	  "service.")                                                          \
	X(PEER_ESTABLISHED, "basin_peer_established_total", "counter", "",     \
	  "Times the session became Established.")                             \
	X(PEER_MESSAGES, "basin_peer_messages_total", "counter", "",           \
	  "BGP messages by direction (in, out) and type.")                     \
	X(PEER_BYTES, "basin_peer_bytes_total", "counter", "bytes",            \
	  "Octets of BGP messages by direction (in, out).")                    \
	X(PEER_QUEUED, "basin_peer_queued_bytes", "gauge", "bytes",            \
	  "Octets the kernel did not take yet: a slow peer.")                  \
	X(PEER_ANNOUNCED, "basin_peer_announced_prefixes", "gauge", "",        \
	  "Prefixes in the peer's Adj-RIB-Out.")                               \
	X(PEER_PENDING, "basin_peer_pending_prefixes", "gauge", "",            \
	  "Prefixes whose desired and sent state differ.")                     \
	X(PEER_IMPORTED, "basin_peer_imported_routes", "gauge", "",            \
	  "Routes accepted from the peer.")                                    \
	X(PEER_STALE, "basin_peer_stale_routes", "gauge", "",                  \
	  "Imported routes of a lost session that wait for the peer "          \
	  "(RFC 4724).")                                                       \
	X(PEER_FLOWS, "basin_peer_flows", "gauge", "",                         \
	  "Flow specifications of the peer by verdict: feasible, "             \
	  "not_feasible. "                                                     \
	  "None is ever applied.")                                             \
	X(PEER_FLOWS_DROPPED, "basin_peer_flows_dropped_total", "counter", "", \
	  "Received flow specifications that were not kept: too many or too "  \
	  "large.")                                                            \
	X(PEER_MALFORMED, "basin_peer_updates_malformed_total", "counter", "", \
	  "Received UPDATEs with an error of RFC 4271 or RFC 7606.")           \
	X(PEER_DISCARDED, "basin_peer_attributes_discarded_total", "counter",  \
	  "", "Received attributes discarded (RFC 7606).")                     \
	X(PEER_AS_WITHDRAW, "basin_peer_treated_as_withdraw_total", "counter", \
	  "", "Received UPDATEs treated as withdraw (RFC 7606).")              \
	X(PEER_REFUSED, "basin_peer_routes_refused_total", "counter", "",      \
	  "Received routes that were not accepted, by reason.")                \
	X(COUNTERS_AVAILABLE, "basin_counters_available", "gauge", "",         \
	  "1 when packets to service addresses can be counted.")               \
	X(SERVICE_PACKETS, "basin_service_packets_total", "counter", "",       \
	  "Packets from other hosts to an address of the service.")            \
	X(SERVICE_BYTES, "basin_service_bytes_total", "counter", "bytes",      \
	  "Octets of packets from other hosts to an address of the "           \
	  "service.")                                                          \
	X(SERVICE_LOAD, "basin_service_load_ratio", "gauge", "ratio",          \
	  "Load by measure (packets, octets, cpu, latency) divided by its "    \
	  "limit in overload; above 1 is high.")                               \
	X(SANDBOX, "basin_sandbox", "gauge", "",                               \
	  "1 for each protection in force: filtered, no_new_privileges, "      \
	  "unprivileged.")                                                     \
	X(LOOP_TURNS, "basin_loop_turns_total", "counter", "",                 \
	  "Turns of the event loop.")                                          \
	X(LOOP_STALLS, "basin_loop_stalls_total", "counter", "",               \
	  "Turns that worked longer than 5 ms.")                               \
	X(LOOP_STALL_MAX, "basin_loop_stall_max_seconds", "gauge", "seconds",  \
	  "The longest turn since the start.")                                 \
	X(LOOP_BUSY, "basin_loop_busy_seconds_total", "counter", "seconds",    \
	  "Time the loop worked.")                                             \
	X(BFD_UP, "basin_bfd_up", "gauge", "",                                 \
	  "1 while the BFD session is up.")                                    \
	X(BFD_DOWNS, "basin_bfd_downs_total", "counter", "",                   \
	  "Times the BFD session was up and ended.")                           \
	X(BFD_DETECTION, "basin_bfd_detection_seconds", "gauge", "seconds",    \
	  "Silence of the neighbour that ends the session; 0 before the "      \
	  "first packet.")                                                     \
	X(BFD_PACKETS, "basin_bfd_packets_total", "counter", "",               \
	  "BFD packets of the session by direction (in, out).")                \
	X(BFD_DISCARDED, "basin_bfd_discarded_total", "counter", "",           \
	  "Received BFD packets that were discarded, by cause.")               \
	X(BFD_MUTES, "basin_bfd_mutes_total", "counter", "",                   \
	  "Times no BFD packets were sent because the loop hung.")             \
	X(BFD_LATES, "basin_bfd_lates_total", "counter", "",                   \
	  "Times the BFD thread ran more than 5 ms late.")                     \
	X(MESH_MESSAGES, "basin_mesh_messages_total", "counter", "",           \
	  "Datagrams of the mesh by direction: in, out, and lost, which the "  \
	  "kernel did not take.")                                              \
	X(MESH_DISCARDED, "basin_mesh_discarded_total", "counter", "",         \
	  "Datagrams of the mesh that changed nothing, by cause.")             \
	X(MESH_HEARD, "basin_mesh_heard", "gauge", "",                         \
	  "1 when the node was heard within the last 5 s.")                    \
	X(MESH_RTT, "basin_mesh_rtt_seconds", "gauge", "seconds",              \
	  "Round-trip time to the node.")                                      \
	X(RPKI_SYNCHRONISED, "basin_rpki_synchronised", "gauge", "",           \
	  "1 while the RPKI cache is synchronised.")                           \
	X(RPKI_USED, "basin_rpki_used", "gauge", "",                           \
	  "1 while the data of the cache count.")                              \
	X(RPKI_VRPS, "basin_rpki_vrps", "gauge", "",                           \
	  "Validated ROA payloads that the cache gave.")                       \
	X(RPKI_SERIAL, "basin_rpki_serial", "gauge", "",                       \
	  "Serial number of the data of the cache.")                           \
	X(RPKI_ERRORS, "basin_rpki_errors_total", "counter", "",               \
	  "Times the session with the cache failed.")                          \
	X(RPKI_OWN, "basin_rpki_own", "gauge", "",                             \
	  "1 for what the ROAs make of an own prefix: valid, invalid or not "  \
	  "found.")                                                            \
	X(RPKI_REFUSED, "basin_rpki_refused", "gauge", "",                     \
	  "1 while an own prefix is withdrawn because it is Invalid.")         \
	X(EXABGP_RUNNING, "basin_exabgp_running", "gauge", "",                 \
	  "1 while the program runs.")                                         \
	X(EXABGP_ROUTES, "basin_exabgp_routes", "gauge", "",                   \
	  "Routes that the program wants announced.")                          \
	X(EXABGP_STARTS, "basin_exabgp_starts_total", "counter", "",           \
	  "Times the program was started.")                                    \
	X(EXABGP_COMMANDS, "basin_exabgp_commands_total", "counter", "",       \
	  "Commands of the program by result: taken, refused.")                \
	X(BRAKE_HELD, "basin_brake_held", "gauge", "",                         \
	  "1 while the brake keeps the prefix announced though checks fail.")  \
	X(BRAKE_STAYING, "basin_brake_staying", "gauge", "",                   \
	  "Other nodes that promised to stay, when they were asked last.")     \
	X(BRAKE_ANSWERS, "basin_brake_answers_total", "counter", "",           \
	  "Attempts to withdraw the prefix, by answer: granted, refused.")     \
	X(EVENTS, "basin_events_total", "counter", "",                         \
	  "Entries written to the event journal.")

enum metric {
#define X(id, name, type, unit, help) METRIC_##id,
	METRICS(X)
#undef X
	    METRIC_COUNT
};

struct metric_description {
	const char *name, *type, *unit, *help;
};
extern const struct metric_description metrics_table[METRIC_COUNT];

/* ---- writing: one family after the other ---- */

struct metrics_writer {
	struct text *out; /* borrowed */
	enum metric metric;
	bool labels; /* the sample being written has one already */
};
/* Begins a family: TYPE, UNIT, HELP. */
void metrics_family(struct metrics_writer *w, enum metric metric);
/* Begins a sample, adds its labels (escaped), ends it with its value. */
void metrics_sample(struct metrics_writer *w);
void metrics_label(struct metrics_writer *w, const char *name,
		   const char *value);
void metrics_count(struct metrics_writer *w, uint64_t value);
void metrics_real(struct metrics_writer *w, double value);
void metrics_end(struct metrics_writer *w); /* "# EOF" */

#endif
