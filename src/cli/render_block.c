/* SPDX-License-Identifier: ISC */
/* What is dropped upstream, and what would be. */
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/render.h"

static void
say(struct cli *cli, enum table_style style, const struct text *t)
{
	table_say(cli->out, cli->colour, style, "%s", text_str(t));
	fputc('\n', cli->out);
}

static void
add_peers(const json_t *block, struct text *out)
{
	json_t *peers = json_object_get(block, "peers"), *peer;
	size_t i;

	if (json_array_size(peers) == 0)
		text_add(out, "no peer is told");
	json_array_foreach (peers, i, peer) {
		bool announced =
		    json_is_true(json_object_get(peer, "announced"));
		const char *why = render_string(peer, "why_not");

		text_addf(out, "%s%s %s", i ? ", " : "",
			  render_string(peer, "peer"),
			  announced       ? "announced"
			  : why[0] == '-' ? "pending"
					  : why);
	}
}

static void
render_block(struct cli *cli, const json_t *block)
{
	struct text line = {0};
	char left[32];

	text_addf(&line, "%s %s, %s left, by %s since %s",
		  render_string(block, "actions"), render_string(block, "what"),
		  render_age(block, "expires", left, sizeof(left)),
		  render_string(block, "who"), render_string(block, "since"));
	if (json_is_string(json_object_get(block, "reason")))
		text_addf(&line, ": %s", render_string(block, "reason"));
	say(cli, TABLE_WARN, &line);
	text_clear(&line);
	text_add(&line, "  ");
	add_peers(block, &line);
	say(cli, TABLE_PLAIN, &line);
	text_free(&line);
}

void
render_blocks(struct cli *cli, const json_t *list)
{
	json_t *block;
	size_t i;

	if (json_array_size(list) == 0) {
		table_say(cli->out, cli->colour, TABLE_DIM,
			  "nothing is blocked");
		fputc('\n', cli->out);
	}
	json_array_foreach (list, i, block)
		render_block(cli, block);
}

/* ---- the dry run ---- */

static void
render_preview(struct cli *cli, const json_t *result)
{
	json_t *peers = json_object_get(result, "peers"), *peer;
	double seconds = json_number_value(json_object_get(result, "for"));
	struct text line = {0};
	char length[32];
	size_t i;

	text_addf(&line, "would be announced for %s: %s %s",
		  dur_format(dur_ns((int64_t)(seconds * 1e9)), length,
			     sizeof(length)),
		  render_string(result, "actions"),
		  render_string(result, "what"));
	say(cli, TABLE_BOLD, &line);
	json_array_foreach (peers, i, peer) {
		bool sent = json_is_string(json_object_get(peer, "update"));

		text_clear(&line);
		text_addf(&line, "%s: %s%s", render_string(peer, "peer"),
			  sent ? "UPDATE " : "nothing, ",
			  render_string(peer, sent ? "update" : "why_not"));
		say(cli, TABLE_PLAIN, &line);
	}
	text_free(&line);
}

void
render_block_answer(struct cli *cli, const json_t *result)
{
	if (json_is_true(json_object_get(result, "dry_run")))
		render_preview(cli, result);
	else
		render_block(cli, result);
}
