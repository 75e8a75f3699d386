/* SPDX-License-Identifier: ISC */
#include "bgp/cause.h"

#include <stddef.h>

#include "base/text.h"
#include "wire/bgp.h"

/* A pause of the node that neighbours notice. */
#define PAUSE      dur_s(2)
#define CLOCK_STEP dur_s(5)
/* Below this a segment passes everywhere. */
#define LARGE_SEGMENT 576

typedef bool rule_match(const struct cause_facts *f);

struct rule {
	rule_match *matches;
	struct cause is;
};

static bool
is_silent(const struct cause_facts *f)
{
	return f->event == CAUSE_NO_ANSWER || f->event == CAUSE_HOLD ||
	       f->event == CAUSE_TIMED_OUT ||
	       (f->event == CAUSE_RECEIVED && f->code == BGP_ERR_HOLD_TIMER);
}

static bool
notified(const struct cause_facts *f, uint8_t code, uint8_t subcode)
{
	return f->event == CAUSE_RECEIVED && f->code == code &&
	       f->subcode == subcode;
}

static bool
objected(const struct cause_facts *f, uint8_t code, uint8_t subcode)
{
	return f->event == CAUSE_SENT && f->code == code &&
	       f->subcode == subcode;
}

/* ---- this node itself ---- */

static bool
slept(const struct cause_facts *f)
{
	return f->was_up && f->suspended.ns >= PAUSE.ns;
}

static bool
stalled(const struct cause_facts *f)
{
	return f->was_up && f->stalled.ns >= PAUSE.ns && is_silent(f);
}

static bool
clock_was_set(const struct cause_facts *f)
{
	struct dur step = f->clock_step;

	if (step.ns < 0)
		step.ns = -step.ns;
	return f->was_up && step.ns >= CLOCK_STEP.ns && is_silent(f);
}

static bool
no_ao(const struct cause_facts *f)
{
	return f->event == CAUSE_NO_KEYS && f->auth == SYS_TCP_AO;
}

static bool
no_keys(const struct cause_facts *f)
{
	return f->event == CAUSE_NO_KEYS;
}

static bool
no_address(const struct cause_facts *f)
{
	return f->event == CAUSE_NO_ADDRESS;
}

static bool
no_interface(const struct cause_facts *f)
{
	return f->event == CAUSE_NO_INTERFACE;
}

static bool
no_neighbour(const struct cause_facts *f)
{
	return f->event == CAUSE_NO_NEIGHBOUR;
}

/* ---- keys ---- */

static bool
key_changed(const struct cause_facts *f)
{
	return f->was_up && is_silent(f) && f->auth != SYS_TCP_PLAIN &&
	       f->dropped.wrong_key > 0;
}

static bool
key_gone(const struct cause_facts *f)
{
	return f->was_up && is_silent(f) && f->auth != SYS_TCP_PLAIN &&
	       f->dropped.no_key > 0;
}

static bool
key_differs(const struct cause_facts *f)
{
	return is_silent(f) && f->auth != SYS_TCP_PLAIN &&
	       f->dropped.wrong_key > 0;
}

static bool
neighbour_has_no_key(const struct cause_facts *f)
{
	return is_silent(f) && f->auth != SYS_TCP_PLAIN &&
	       f->dropped.no_key > 0;
}

static bool
we_have_no_key(const struct cause_facts *f)
{
	return is_silent(f) && f->auth == SYS_TCP_PLAIN &&
	       f->dropped.unexpected_key > 0;
}

/* ---- the way there ---- */

static bool
from_too_far(const struct cause_facts *f)
{
	return is_silent(f) && f->gtsm && f->dropped.too_far > 0;
}

static bool
open_from_too_far(const struct cause_facts *f)
{
	return !f->was_up && f->gtsm && f->dropped.too_far > 0;
}

static bool
not_on_link(const struct cause_facts *f)
{
	return (f->event == CAUSE_NO_ANSWER || f->event == CAUSE_UNREACHABLE) &&
	       f->ebgp && !f->on_link && !f->multihop && !f->gtsm;
}

static bool
unreachable(const struct cause_facts *f)
{
	return f->event == CAUSE_UNREACHABLE;
}

static bool
large_segments_lost(const struct cause_facts *f)
{
	return f->was_up && f->has_tcp && f->tcp.unacked > 0 &&
	       f->tcp.retransmits >= 2 && f->tcp.mss > LARGE_SEGMENT &&
	       (f->event == CAUSE_NONE ||
		(f->event == CAUSE_RECEIVED && f->code == BGP_ERR_HOLD_TIMER));
}

static bool
large_segments_missing(const struct cause_facts *f)
{
	return f->event == CAUSE_HOLD && f->was_up && f->has_tcp &&
	       f->tcp.out_of_order > 0 && f->tcp.retransmits == 0;
}

static bool
refused(const struct cause_facts *f)
{
	return f->event == CAUSE_REFUSED;
}

static bool
no_answer_with_key(const struct cause_facts *f)
{
	return f->event == CAUSE_NO_ANSWER && f->auth != SYS_TCP_PLAIN;
}

static bool
no_answer(const struct cause_facts *f)
{
	return f->event == CAUSE_NO_ANSWER;
}

/* ---- the neighbour ---- */

static bool
wrong_asn(const struct cause_facts *f)
{
	return objected(f, BGP_ERR_OPEN, BGP_OPEN_BAD_PEER_AS);
}

static bool
our_asn_is_wrong(const struct cause_facts *f)
{
	return notified(f, BGP_ERR_OPEN, BGP_OPEN_BAD_PEER_AS);
}

static bool
bad_id(const struct cause_facts *f)
{
	return objected(f, BGP_ERR_OPEN, BGP_OPEN_BAD_ID) ||
	       notified(f, BGP_ERR_OPEN, BGP_OPEN_BAD_ID);
}

static bool
no_family(const struct cause_facts *f)
{
	return objected(f, BGP_ERR_OPEN, BGP_OPEN_UNSUPPORTED_CAPABILITY) ||
	       notified(f, BGP_ERR_OPEN, BGP_OPEN_UNSUPPORTED_CAPABILITY);
}

static bool
bad_hold_time(const struct cause_facts *f)
{
	return objected(f, BGP_ERR_OPEN, BGP_OPEN_BAD_HOLD_TIME) ||
	       notified(f, BGP_ERR_OPEN, BGP_OPEN_BAD_HOLD_TIME);
}

static bool
shut_down(const struct cause_facts *f)
{
	return notified(f, BGP_ERR_CEASE, BGP_CEASE_ADMIN_SHUTDOWN);
}

static bool
too_many_for_it(const struct cause_facts *f)
{
	return notified(f, BGP_ERR_CEASE, BGP_CEASE_MAX_PREFIX);
}

static bool
rejected(const struct cause_facts *f)
{
	return notified(f, BGP_ERR_CEASE, BGP_CEASE_REJECTED) ||
	       notified(f, BGP_ERR_CEASE, BGP_CEASE_DECONFIGURED);
}

static bool
half_open_there(const struct cause_facts *f)
{
	if (f->was_up)
		return false;
	if (notified(f, BGP_ERR_CEASE, BGP_CEASE_COLLISION))
		return true;
	return (f->event == CAUSE_CLOSED || f->event == CAUSE_RESET) &&
	       f->had_session;
}

static bool
neighbour_restarted(const struct cause_facts *f)
{
	return f->was_up && f->event == CAUSE_RESET;
}

static bool
closes_at_once(const struct cause_facts *f)
{
	return !f->was_up &&
	       (f->event == CAUSE_CLOSED || f->event == CAUSE_RESET);
}

static bool
neighbour_gone(const struct cause_facts *f)
{
	return f->was_up && f->has_tcp && f->tcp.unacked > 0 &&
	       (f->event == CAUSE_HOLD || f->event == CAUSE_TIMED_OUT);
}

static bool
silent_in_open(const struct cause_facts *f)
{
	return !f->was_up && f->event == CAUSE_HOLD;
}

static bool
silent_but_alive(const struct cause_facts *f)
{
	return f->was_up && f->event == CAUSE_HOLD;
}

static bool
hears_nothing(const struct cause_facts *f)
{
	return f->event == CAUSE_RECEIVED && f->code == BGP_ERR_HOLD_TIMER;
}

static bool
reads_nothing(const struct cause_facts *f)
{
	return f->event == CAUSE_SEND_HOLD;
}

#define TOO_FAR                                                                \
	{                                                                      \
		"packets come from farther than gtsm allows (RFC 5082)",       \
		    "set ttl security on the neighbour so that it sends "      \
		    "with TTL 255, or raise gtsm to the number of hops"        \
	}
#define BLACK_HOLE                                                             \
	{                                                                      \
		"large segments are lost while small ones pass: an MTU black " \
		"hole",                                                        \
		    "let ICMP \"fragmentation needed\" and \"packet too "      \
		    "big\" pass, or lower the MTU of the interface towards "   \
		    "the neighbour"                                            \
	}

/* The first that matches. */
static const struct rule rules[] = {
    {no_ao,
     {"this kernel has no TCP-AO",
      "run a kernel of Linux 6.7 or newer with CONFIG_TCP_AO, or use md5"}},
    {no_keys,
     {"the kernel does not take the key",
      "raise net.core.optmem_max, or use a kernel with CONFIG_TCP_MD5SIG"}},
    {no_address,
     {"the address in source is not on this node",
      "add the address, or correct source"}},
    {no_interface,
     {"the interface is not there", "create it, or correct interface"}},
    {no_neighbour,
     {"no router was heard on the interface",
      "look at the cable; the neighbour must send router advertisements "
      "there"}},
    {slept,
     {"this machine was suspended",
      "keep the machine awake; the session comes back by itself"}},
    {stalled,
     {"basind did not run for a while: stopped, starved of processor time, "
      "or the virtual machine was paused",
      "look at load and steal time of this machine"}},
    {key_changed,
     {"the neighbour signs with another key since a while: one side has "
      "changed it",
      "put the same key into key_file on this side and reload, or change it "
      "on the neighbour"}},
    {key_gone,
     {"the neighbour sends without a key since a while: it has removed it",
      "configure the key on the neighbour again, or remove it here too"}},
    {key_differs,
     {"the neighbour signs with another key",
      "put the same key into key_file on this side and reload, or correct "
      "it on the neighbour"}},
    {neighbour_has_no_key,
     {"the neighbour sends without a key, this side has one",
      "configure the key on the neighbour, or remove it here"}},
    {we_have_no_key,
     {"the neighbour signs its segments, this side has no key",
      "add the key of the neighbour: md5: {key_file: FILE} or tcp_ao"}},
    {from_too_far, TOO_FAR},
    {not_on_link,
     {"the neighbour is not on a common link, and packets of an eBGP session "
      "go one hop only",
      "set multihop: true, or gtsm: HOPS"}},
    {large_segments_lost, BLACK_HOLE},
    {large_segments_missing,
     {"large segments of the neighbour do not arrive while later ones do: an "
      "MTU black hole",
      "let ICMP \"fragmentation needed\" and \"packet too big\" reach the "
      "neighbour, or lower the MTU there"}},
    {unreachable,
     {"there is no route to the neighbour, or it does not answer on the link",
      "look at the link and the route: ip route get ADDRESS"}},
    {refused,
     {"nobody listens at the neighbour's address and port",
      "start BGP there, or correct address and port; a firewall may also "
      "refuse"}},
    {no_answer_with_key,
     {"no answer to a signed connection attempt: the neighbour has no key "
      "for this node or another one, or it is not there",
      "compare the keys and this node's address on both sides"}},
    {no_answer,
     {"no answer at all: the neighbour is not there, a filter drops, or it "
      "wants a key or TTL security",
      "try to ping it; then compare md5 and gtsm on both sides"}},
    {wrong_asn,
     {"the neighbour has another AS number than asn says", "correct asn"}},
    {our_asn_is_wrong,
     {"the neighbour expects another AS number of this node",
      "correct it on the neighbour, or set local_asn"}},
    {bad_id,
     {"the BGP Identifiers do not fit: two speakers have the same one",
      "give every node its own router_id"}},
    {no_family,
     {"the two have no address family or required capability in common",
      "correct families on one side"}},
    {bad_hold_time,
     {"the hold times do not fit", "set hold_time to 3s or more on both "
				   "sides"}},
    {shut_down,
     {"the neighbour was shut down by its operator",
      "ask its operator; the words stand in the last error"}},
    {too_many_for_it,
     {"the neighbour's prefix limit is below what this node announces",
      "ask its operator to raise the limit, or announce less with "
      "prefixes"}},
    {rejected,
     {"the neighbour has no such session in its configuration",
      "ask its operator to configure this node's address"}},
    {half_open_there,
     {"the neighbour still holds an older connection of this node "
      "(half-open)",
      "it ends with the neighbour's hold timer; clear the session there to "
      "be quicker"}},
    {neighbour_restarted,
     {"the neighbour knows nothing of the connection any more: it, or a "
      "firewall between, has restarted",
      "nothing if it comes back; else look at the neighbour"}},
    {closes_at_once,
     {"the neighbour closes connections at once: this node's address is not "
      "configured there, or the session is shut down",
      "compare the address that this node connects from (source) with the "
      "neighbour's configuration"}},
    {neighbour_gone,
     {"nothing arrives in either direction: the neighbour or the path to it "
      "is gone",
      "look at the link and the neighbour; bfd notices it sooner"}},
    {silent_in_open,
     {"the neighbour takes the connection but says nothing",
      "look at the neighbour's BGP process"}},
    {clock_was_set,
     {"the clock of this node was set; sessions do not depend on it, but "
      "what else failed at this moment may",
      "look at the time service of this machine"}},
    {silent_but_alive,
     {"the neighbour's machine answers but its BGP says nothing",
      "look at the load of the neighbour's BGP process, compare hold "
      "times"}},
    {hears_nothing,
     {"what this node sends does not reach the neighbour in time",
      "look for loss towards the neighbour, and at hold_time"}},
    {reads_nothing,
     {"the neighbour takes no octets: its BGP hangs",
      "restart BGP on the neighbour"}},
};

static const struct rule live_rules[] = {
    {large_segments_lost, BLACK_HOLE},
    {open_from_too_far, TOO_FAR},
};

static struct cause
first(const struct rule *v, size_t n, const struct cause_facts *f)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].matches(f))
			return v[i].is;
	return (struct cause){NULL, NULL};
}

struct cause
cause_find(const struct cause_facts *f)
{
	return first(rules, ARRAY_LEN(rules), f);
}

struct cause
cause_find_live(const struct cause_facts *f)
{
	return first(live_rules, ARRAY_LEN(live_rules), f);
}
