/* SPDX-License-Identifier: ISC */
/* Drains: who took out what, and how far its traffic has left. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/render.h"

#define ADDRESSES_MAX 3

static double
number(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

/* "node", "service dns" */
void
render_drain_title(const json_t *drain, struct text *out)
{
	const char *name = json_string_value(json_object_get(drain, "name"));

	text_add(out, render_string(drain, "target"));
	if (name)
		text_addf(out, " %s", name);
}

/* "192.0.2.1 900/s, 2001:db8::1 3/s and 2 more" */
static void
add_addresses(const json_t *traffic, struct text *out)
{
	json_t *address;
	size_t i, shown = 0, loud = 0;

	json_array_foreach (json_object_get(traffic, "addresses"), i, address) {
		double rate = number(address, "packets_per_second");

		if (rate <= 0)
			continue;
		loud++;
		if (shown == ADDRESSES_MAX)
			continue;
		text_addf(out, "%s%s %.0f/s", shown ? ", " : " (",
			  render_string(address, "address"), rate);
		shown++;
	}
	if (loud > shown)
		text_addf(out, " and %zu more", loud - shown);
	if (shown > 0)
		text_add(out, ")");
}

static void
add_traffic(const json_t *drain, struct text *out)
{
	const json_t *traffic = json_object_get(drain, "traffic");
	char want[32];

	if (!json_is_object(traffic))
		return;
	if (!json_is_true(json_object_get(traffic, "counted"))) {
		text_addf(out, "packets are not counted (%s), ",
			  render_string(traffic, "why_not"));
		return;
	}
	text_addf(out, "%.0f packets/s", number(traffic, "packets_per_second"));
	add_addresses(traffic, out);
	text_addf(out, ", quiet for %.0f of %s, ", number(traffic, "quiet_for"),
		  dur_format(dur_ns((int64_t)(number(drain, "quiet") * 1e9)),
			     want, sizeof(want)));
}

static void
add_peers(const json_t *drain, struct text *out)
{
	json_t *peers = json_object_get(drain, "announced_to"), *peer;
	size_t i;

	json_array_foreach (peers, i, peer) {
		if (i == ADDRESSES_MAX) {
			text_addf(out, " and %zu more",
				  json_array_size(peers) - i);
			break;
		}
		text_addf(out, "%s %s", i ? "," : " at",
			  render_string(peer, "peer"));
	}
}

bool
render_drain_done(const json_t *drain)
{
	const json_t *closed = json_object_get(drain, "sessions_closed");

	return strcmp(render_string(drain, "phase"), "drained") == 0 &&
	       render_integer(drain, "routes") == 0 && !json_is_false(closed);
}

void
render_drain_progress(const json_t *drain, struct text *out)
{
	char limit[32];

	if (strcmp(render_string(drain, "phase"), "draining") == 0) {
		add_traffic(drain, out);
		text_addf(out, "limit in %s; ",
			  render_age(drain, "limit", limit, sizeof(limit)));
	} else {
		text_add(out, "withdrawing; ");
	}
	text_addf(out, "%lld route%s", render_integer(drain, "routes"),
		  render_integer(drain, "routes") == 1 ? "" : "s");
	add_peers(drain, out);
}

/* ---- in status ---- */

static const char *
word(const json_t *drain)
{
	if (json_is_true(json_object_get(drain, "offline")))
		return "OFFLINE";
	return strcmp(render_string(drain, "phase"), "draining") == 0
		   ? "DRAINING"
		   : "DRAINED";
}

void
render_drain_line(struct cli *cli, const json_t *drain)
{
	const char *expires = render_string(drain, "expires");
	struct text title = {0}, progress = {0};

	render_drain_title(drain, &title);
	if (json_is_false(json_object_get(drain, "configured")))
		text_add(&title, " (not configured)");
	if (json_object_get(drain, "routes") && !render_drain_done(drain))
		render_drain_progress(drain, &progress);
	table_say(
	    cli->out, cli->colour, TABLE_WARN, "%s %s by %s since %s%s%s: %s",
	    word(drain), text_str(&title), render_string(drain, "who"),
	    render_string(drain, "since"), expires[0] == '-' ? "" : " until ",
	    expires[0] == '-' ? "" : expires, render_string(drain, "reason"));
	fputc('\n', cli->out);
	if (progress.len > 0) {
		table_say(cli->out, cli->colour, TABLE_PLAIN, "  %s",
			  text_str(&progress));
		fputc('\n', cli->out);
	}
	text_free(&title);
	text_free(&progress);
}

void
render_attack_line(struct cli *cli, const json_t *attack)
{
	const char *expires = render_string(attack, "expires");

	if (!json_is_object(attack))
		return;
	table_say(cli->out, cli->colour, TABLE_WARN,
		  "ATTACK MODE by %s since %s%s%s: %s (failed checks withdraw "
		  "nothing)",
		  render_string(attack, "who"), render_string(attack, "since"),
		  expires[0] == '-' ? "" : " until ",
		  expires[0] == '-' ? "" : expires,
		  render_string(attack, "reason"));
	fputc('\n', cli->out);
}

/* ---- show drains ---- */

void
render_drains(struct cli *cli, const json_t *list)
{
	json_t *drain;
	size_t i;

	if (json_array_size(list) == 0) {
		table_say(cli->out, cli->colour, TABLE_DIM,
			  "nothing is drained");
		fputc('\n', cli->out);
	}
	json_array_foreach (list, i, drain)
		render_drain_line(cli, drain);
}
