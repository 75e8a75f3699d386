/* SPDX-License-Identifier: ISC */
#include "cli/command.h"

#include "cli/options.h"

const struct option command_globals[] = {
    {"json", NULL, "print the answer as JSON"},
    {"socket", "PATH", "the control socket of the daemon"},
    {"no-color", NULL, "no colours, also on a terminal"},
    {"help", NULL, "what the command does, with examples"},
    {"version", NULL, "the same as the command version"},
    {0},
};

#define NAMED(n, s, d, e)                                                      \
	{                                                                      \
		.name = "show " n, .operands = "[NAME]", .most = 1,            \
		.summary = s, .description = d, .examples = e, .words = "",    \
		.options = options_page, .run = run_show                       \
	}

const struct command command_table[] = {
    {
	.name = "status",
	.operands = "",
	.summary = "what this node tells the routing system, on one screen",
	.description =
	    "Is this node attracting traffic, for which prefixes, since when, "
	    "why (not). The first line ends with the summary: "
	    "announcing (everything is out), degraded or draining (everything "
	    "is out, but peers are told so), partly, silent, drained, starting "
	    "or stopping. The exit code is 0 when the node is fine or drained, "
	    "and 1 when it is degraded, partly out or silent, an alarm stands, "
	    "or no daemon answered.",
	.examples = "basin status\n"
		    "basin status --json | jq .state",
	.words = "",
	.run = run_status,
    },
    NAMED("services", "services and how many of their checks are up",
	  "One line a service; NAME selects one.",
	  "basin show services\nbasin show services dns"),
    NAMED("checks", "checks with their last result",
	  "One line a check; NAME is a check or a service (all its checks).",
	  "basin show checks\nbasin show checks dns"),
    NAMED("prefixes", "prefixes, the decision and to how many peers it went",
	  "One line a prefix; NAME is a prefix, or an address inside it. TOLD "
	  "is the rung: what peers are told as their ladders say. TO counts "
	  "peers: announced to / to be announced to.",
	  "basin show prefixes\nbasin show prefixes 192.0.2.53"),
    NAMED("peers", "BGP sessions",
	  "One line a session; NAME selects one, with --json in all detail.",
	  "basin show peers\nbasin show peers transit-a --json"),
    {
	.name = "show routes",
	.operands = "[in|out] [PEER]",
	.most = 2,
	.summary = "routes as sent to peers, or as accepted from them",
	.description =
	    "out (the default) is the Adj-RIB-Out: what was really written to "
	    "the peer, with its attributes. in is what import accepted.",
	.examples = "basin show routes\n"
		    "basin show routes in transit-a\n"
		    "basin show routes --prefix 192.0.2.0/24",
	.words = "in out",
	.options = options_route,
	.run = run_routes,
    },
    NAMED("addresses", "service addresses and their state in the kernel",
	  "One line an address; NAME is an address or a service.",
	  "basin show addresses"),
    NAMED("counters", "packets and octets that reach the service addresses",
	  "One line an address, since basind started and a second; NAME is an "
	  "address or a service. What comes from this node itself, such as its "
	  "checks, is not counted. Rates are of the last interval: 10 seconds, "
	  "or 1 while a drain, a drill or `overload` looks at them.",
	  "basin show counters\nbasin show counters dns --json"),
    {
	.name = "show mesh",
	.operands = "[PREFIX]",
	.most = 1,
	.summary = "the other nodes, and what they say of braked prefixes",
	.description =
	    "One line a node: when it was heard last and its round-trip time. "
	    "One line a prefix that has a brake: its state here and what every "
	    "node said of it. Then what each brake that holds waits for.",
	.examples = "basin show mesh\n"
		    "basin show mesh 192.0.2.0/24 --json",
	.words = "",
	.options = options_page,
	.run = run_mesh,
    },
    {
	.name = "show rpki",
	.operands = "",
	.summary = "the RPKI caches, and what the ROAs say of own prefixes",
	.description =
	    "One line a cache: whether it is synchronised, whether its data "
	    "count, how many ROA payloads it gave. Then one line an own "
	    "prefix: valid, invalid or not found, and why.",
	.examples = "basin show rpki\n"
		    "basin show rpki --json",
	.words = "",
	.options = options_page,
	.run = run_rpki,
    },
    {
	.name = "show bfd",
	.operands = "[SESSION]",
	.most = 1,
	.summary = "the BFD sessions of peers and checks",
	.description =
	    "One line a session: its status, the interval of our packets, the "
	    "detection time, what the neighbour says, and why it is not up. "
	    "SESSION is a peer's name, or @ADDRESS for a check's.",
	.examples = "basin show bfd\n"
		    "basin show bfd transit-a --json",
	.words = "",
	.options = options_page,
	.run = run_bfd,
    },
    {
	.name = "show exabgp",
	.operands = "",
	.summary = "the programs that speak ExaBGP's process API",
	.description = "One line a program: whether it runs, how many routes "
		       "it has announced, how many of its commands were taken "
		       "and refused. Then the last command that was refused.",
	.examples = "basin show exabgp\n"
		    "basin show exabgp --json",
	.words = "",
	.options = options_page,
	.run = run_exabgp,
    },
    {
	.name = "show events",
	.operands = "[NAME]",
	.most = 1,
	.summary = "the last decisions and facts",
	.description =
	    "The journal's newest entries, oldest first: state changes of "
	    "checks, services, prefixes and peers, what was sent, drains, "
	    "reloads, alarms. NAME selects one object.",
	.examples = "basin show events\n"
		    "basin show events --kind prefix --limit 10\n"
		    "basin show events transit-a",
	.words = "",
	.options = options_event,
	.run = run_events,
    },
    {
	.name = "why",
	.operands = "PREFIX|SERVICE|CHECK",
	.least = 1,
	.most = 1,
	.summary = "why a prefix, service or check is in its state",
	.description =
	    "The chain from the last check sample to the UPDATE: check, "
	    "service, decision, and for each peer what stands in Adj-RIB-Out "
	    "with its attributes, or why it does not. An address stands for "
	    "the prefix that covers it.",
	.examples = "basin why 192.0.2.0/24\n"
		    "basin why 192.0.2.53\n"
		    "basin why dns",
	.words = "",
	.run = run_why,
    },
    NAMED("drains", "what is drained, and how far its traffic has left",
	  "One line a drain; NAME is node, a service or a prefix.",
	  "basin show drains\nbasin show drains node"),
    {
	.name = "drain",
	.operands = "node | service NAME | prefix PREFIX",
	.least = 1,
	.most = 2,
	.summary = "take the node, a service or a prefix out of service",
	.description =
	    "Neighbours are asked to prefer others (GRACEFUL_SHUTDOWN, or what "
	    "their ladder says); what is drained is withdrawn when its "
	    "traffic has left, or at the limit (see drain in basin.yaml(5)), "
	    "and stays so until `basin undrain` or until the time of --for is "
	    "over. A drained node closes its sessions. The command shows the "
	    "progress and exits with 0 when it is done; interrupted, the "
	    "drain goes on, and the same command looks again, or changes what "
	    "it is given. The drain is stored first: it survives a restart, "
	    "from which what was draining comes back drained. The node must "
	    "be spelled out.",
	.examples = "basin drain node --reason \"kernel update\" --for 2h\n"
		    "basin drain service dns --reason \"bad zone\" --now\n"
		    "basin drain prefix 192.0.2.0/24 --reason \"moving it\"\n"
		    "basin drain node --limit 10m",
	.words = "node service prefix",
	.options = options_drain,
	.run = run_drain,
    },
    {
	.name = "undrain",
	.operands = "node | service NAME | prefix PREFIX",
	.least = 1,
	.most = 2,
	.summary = "end a drain",
	.description = "What was drained is announced again as soon as its "
		       "checks allow. Ending one drain does not end others: a "
		       "prefix of a drained node stays withdrawn.",
	.examples = "basin undrain node\n"
		    "basin undrain service dns",
	.words = "node service prefix",
	.run = run_undrain,
    },
    {
	.name = "show blocks",
	.operands = "",
	.summary = "what is dropped upstream, and for how long yet",
	.description = "Two lines a block: what, its action, the time that is "
		       "left, who ordered it and why; then each peer that is "
		       "told, or why it is not.",
	.examples = "basin show blocks\nbasin show blocks --json",
	.words = "",
	.run = run_show,
    },
    {
	.name = "show flows",
	.operands = "[in|out] [PEER]",
	.most = 2,
	.summary = "flow specifications as received, or as sent",
	.description =
	    "in (the default) is what neighbours sent, and whether it is "
	    "feasible (RFC 8955, RFC 9117). Nothing of it is ever applied or "
	    "passed on. out is what was written to the peer.",
	.examples = "basin show flows\n"
		    "basin show flows out transit-a",
	.words = "in out",
	.run = run_flows,
    },
    {
	.name = "block",
	.operands = "[DST]",
	.most = 1,
	.summary = "have traffic to DST dropped upstream",
	.description =
	    "Announces DST (an address, or a prefix that is long enough) as a "
	    "blackhole route (RFC 7999) to the peers of section block, or a "
	    "flow specification (RFC 8955) with --flow. A block always ends: "
	    "after --for, or block.default_for. The same again prolongs it. "
	    "It is stored first and survives restarts and reloads. Refused is "
	    "what would cut this node off: a management address, a "
	    "neighbour's, our own of a session, or a prefix that it "
	    "announces. A FLOW is names of components, each with its values: "
	    "dst, src, proto, port, dport, sport, icmp-type, icmp-code, "
	    "tcp-flags, length, dscp, frag, label; values are numbers, names, "
	    "ranges such as 1000-2000, or begin with = != > >= < <=.",
	.examples = "basin block 192.0.2.7 --reason \"flood\" --for 30m\n"
		    "basin block 192.0.2.7 --dry-run\n"
		    "basin block --flow \"dst 192.0.2.0/24 proto udp sport 123 "
		    "length >200\"\n"
		    "basin block --flow \"dst 192.0.2.53 proto udp dport 53\" "
		    "--rate 12500000",
	.words = "",
	.options = options_block,
	.run = run_block,
    },
    {
	.name = "unblock",
	.operands = "[DST]",
	.most = 1,
	.summary = "end a block",
	.description = "The blackhole route of DST, or the flow specification, "
		       "is withdrawn.",
	.examples = "basin unblock 192.0.2.7\n"
		    "basin unblock --flow \"dst 192.0.2.53 proto udp dport "
		    "53\"",
	.words = "",
	.options = options_unblock,
	.run = run_unblock,
    },
    {
	.name = "drill",
	.operands = "SERVICE | --observe ADDRESS tcp/PORT|udp/PORT | --end",
	.most = 1,
	.summary = "let a service fail on purpose and tell what followed",
	.description =
	    "Shows as it happens when the service was found to be down, when "
	    "the withdrawal was decided and written to each peer, and the way "
	    "back after the end, beside what the configuration lets expect. A "
	    "prober asks the service meanwhile and counts what it lost; from "
	    "this node it does not cross the routers, so run it elsewhere, "
	    "with --observe, to see what clients see. The daemon ends the "
	    "drill, also when this program is gone; an interrupt ends it at "
	    "once. The exit code is 0 when it was noticed and all is as it "
	    "was, and with --observe when nothing was lost.",
	.examples = "basin drill dns\n"
		    "basin drill dns --mode drop --for 30s\n"
		    "basin drill --observe 192.0.2.53 udp/53 --for 60s",
	.words = "",
	.options = options_drill,
	.run = run_drill,
    },
    {
	.name = "offline",
	.operands = "",
	.summary = "take this node out at once and for good",
	.description =
	    "For a node that nobody trusts any more. Without waiting all "
	    "routes are withdrawn, all sessions closed, and the service "
	    "addresses that basind added are removed after node.linger: "
	    "nothing here answers in the service's name. It survives "
	    "restarts, reboots and upgrades, and only `basin online` ends it. "
	    "When no daemon answers, the state that it reads at its next "
	    "start is written in its place (as root).",
	.examples = "basin offline --reason \"intruder on the host\"",
	.words = "",
	.options = options_offline,
	.run = offline_run,
    },
    {
	.name = "online",
	.operands = "",
	.summary = "end offline",
	.description = "The node announces again what its checks allow, unless "
		       "it is drained as well.",
	.examples = "basin online --reason \"installed anew\"",
	.words = "",
	.options = options_offline,
	.run = offline_run,
    },
    {
	.name = "attack on",
	.operands = "",
	.summary = "do not withdraw because checks fail, for a time",
	.description =
	    "Under attack a withdrawal moves the flood to the next node. "
	    "Until `basin attack off`, or the time of --for is over, failed "
	    "checks withdraw nothing: prefixes stay announced (frozen). What "
	    "is certain still withdraws: a service or its address that the "
	    "kernel says is gone, and drains. It survives a restart.",
	.examples = "basin attack on --reason \"flood on udp/53\" --for 2h",
	.words = "",
	.options = options_attack,
	.run = run_attack,
    },
    {
	.name = "attack off",
	.operands = "",
	.summary = "end attack mode",
	.description = "Checks decide again, at once.",
	.examples = "basin attack off",
	.words = "",
	.run = run_attack,
    },
    {
	.name = "reload",
	.operands = "",
	.summary = "load the configuration file again and apply differences",
	.description =
	    "The file is checked first; on any error the running "
	    "configuration stays and the exit code is 78. A file that would "
	    "remove all or most prefixes, services or peers is refused "
	    "unless --allow-removal is given.",
	.examples = "basin reload\n"
		    "basin reload --confirm 5m\n"
		    "basin reload --allow-removal",
	.words = "",
	.options = options_reload,
	.run = run_reload,
    },
    {
	.name = "confirm",
	.operands = "",
	.summary = "keep what a reload with --confirm has loaded",
	.description = "Without it the configuration before comes back.",
	.examples = "basin confirm",
	.words = "",
	.run = run_confirm,
    },
    {
	.name = "plan",
	.operands = "[FILE]",
	.most = 1,
	.summary = "what a reload of FILE would do, without doing it",
	.description =
	    "Sessions that would bounce and the option why, UPDATEs and "
	    "withdrawals each neighbour would get, checks that would begin "
	    "anew, addresses that would come and go. FILE is the configured "
	    "one by default. The exit code is 0 when no neighbour would "
	    "notice, 1 when one would, 78 when the file is wrong. With --from "
	    "two files are compared without a daemon: then UPDATEs are not "
	    "known, and any difference is 1.",
	.examples = "basin plan /etc/basin/basin.yaml\n"
		    "basin plan --from old.yaml new.yaml",
	.words = "",
	.options = options_plan,
	.run = run_plan,
    },
    {
	.name = "upgrade",
	.operands = "[PROGRAM]",
	.most = 1,
	.summary = "let another basind take over, sessions and all",
	.description =
	    "Starts PROGRAM, by default the installed basind, and hands over "
	    "listening and established sessions, what was announced and "
	    "decided, and the sockets; neighbours see nothing. Until it has "
	    "taken over, this basind goes on whatever happens. The file must "
	    "be the configuration in force.",
	.examples = "basin upgrade\n"
		    "basin upgrade /usr/local/sbin/basind",
	.words = "",
	.run = run_upgrade,
    },
    {
	.name = "push",
	.operands = "SERVICE[/CHECK]",
	.least = 1,
	.most = 1,
	.summary = "report an application's state to a push check",
	.description =
	    "Reports to every push check of the service, or to one of them. "
	    "Says nothing when the report was taken. Without --socket the "
	    "push socket is used, where members of control.push_group may "
	    "report and do nothing else.",
	.examples = "basin push dns\n"
		    "basin push dns/feed --state degraded "
		    "--message \"feed is 3 min old\"",
	.words = "",
	.options = options_push,
	.run = run_push,
    },
    {
	.name = "monitor",
	.operands = "",
	.summary = "the status, then every change as it happens",
	.description = "Runs until interrupted, or until the daemon ends "
		       "(exit code 1). With --json one line each: the status, "
		       "then events.",
	.examples = "basin monitor\n"
		    "basin monitor --json | jq .event",
	.words = "",
	.run = run_monitor,
    },
    {
	.name = "check",
	.operands = "FILE",
	.most = 1,
	.summary = "check a configuration file, without the daemon",
	.description =
	    "Prints every error as FILE:LINE:COLUMN: what was found, what is "
	    "accepted, and exits with 78; warnings alone exit with 0. One of "
	    "them tells when a service that comes and goes would make "
	    "routers far away suppress a prefix, and what prevents that. "
	    "\"-\" reads standard input.",
	.examples = "basin check /etc/basin/basin.yaml\n"
		    "basin check --schema > basin.schema.json",
	.words = "",
	.options = options_check,
	.run = check_run,
    },
    {
	.name = "doctor",
	.operands = "",
	.summary = "look for what is wrong around the daemon, with the cure",
	.description =
	    "Looks at alarms, service addresses, servers that do not listen "
	    "or listen on all addresses, replies that leave from another "
	    "address than the service's, things that cannot be watched, ping "
	    "permission, rp_filter and the clock. UDP services are asked once "
	    "what their checks ask. Each finding is ok, warning, problem or "
	    "skipped; the exit code is 1 when there is a problem.",
	.examples = "basin doctor\n"
		    "basin doctor --config /etc/basin/basin.yaml\n"
		    "basin doctor --json | jq .problem",
	.words = "",
	.options = options_doctor,
	.run = doctor_run,
    },
    {
	.name = "replay",
	.operands = "JOURNAL...",
	.least = 1,
	.most = COMMAND_OPERANDS_MAX,
	.summary = "what another configuration would have done",
	.description =
	    "Decides again what the daemon recorded in its journal, in "
	    "virtual time and without the daemon: for each prefix how often "
	    "it was withdrawn and for how long, then and now, and which "
	    "outages would not have happened or would be new. JOURNAL is a "
	    "file, several, or the directory. Without --config every decision "
	    "is made again with the settings of then and compared; the exit "
	    "code is 1 when one differs.",
	.examples =
	    "basin replay /var/lib/basin/journal --config new.yaml\n"
	    "basin replay /var/lib/basin/journal --config new.yaml --from 7d\n"
	    "basin replay 2026-11-21.log 2026-11-22.log",
	.words = "",
	.options = options_replay,
	.run = replay_run,
    },
    {
	.name = "simulate",
	.operands = "[SCENARIO]",
	.most = 1,
	.summary = "which site gets which part of the Internet, and what if",
	.description =
	    "Propagates the announcements of a scenario on a graph of all "
	    "autonomous systems, without the daemon, and shows which site "
	    "each AS reaches: totals per site, what a change moves, the load "
	    "after failures, how far a hijack reaches, which sites would be "
	    "better. Results follow from business relationships alone and "
	    "are a rough guide, see basin-simulate(7). The exit code is 1 "
	    "when a site is over its capacity or a search was interrupted, "
	    "78 when the scenario or the graph is wrong. Without SCENARIO, "
	    "--graph with --save-graph converts a graph, and with --origins "
	    "and --ribs writes every route of it.",
	.examples =
	    "basin simulate world.yaml\n"
	    "basin simulate world.yaml --what-if \"fra down\" --what-if "
	    "\"ams.transit-a prepend +1; lon down\"\n"
	    "basin simulate now.yaml --then new.yaml\n"
	    "basin simulate world.yaml --failures 2 --page world.html\n"
	    "basin simulate world.yaml --explain 64500\n"
	    "basin simulate --graph 20250901.as-rel2.txt.bz2 --save-graph "
	    "internet.graph",
	.words = "",
	.options = options_simulate,
	.run = run_simulate,
    },
    {
	.name = "version",
	.operands = "",
	.summary = "versions of this program and of the running daemon",
	.description = "Exits with 0 also when no daemon answers.",
	.examples = "basin version",
	.words = "",
	.run = run_version,
    },
    {
	.name = "completion",
	.operands = "bash|zsh|fish",
	.least = 1,
	.most = 1,
	.summary = "print a completion script for a shell",
	.description = "The script is generated from the table of commands.",
	.examples = "source <(basin completion bash)\n"
		    "basin completion fish > "
		    "~/.config/fish/completions/basin.fish",
	.words = "bash zsh fish",
	.run = completion_run,
    },
    {
	.name = "help",
	.operands = "[COMMAND]",
	.most = 2,
	.summary = "what basin can do, or what a command does",
	.description = "With --all --json the table of commands and options "
		       "for programs.",
	.examples = "basin help\n"
		    "basin help drain",
	.words = "",
	.options = options_help,
	.run = help_run,
    },
    {0},
};
