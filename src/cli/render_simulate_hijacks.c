/* SPDX-License-Identifier: ISC */
/* How far hijacks reach. */
#include "cli/render_simulate.h"

#include <stdlib.h>
#include <string.h>

static void
say_culprits(struct cli *cli, const json_t *hijack)
{
	static const char *const headings[] = {"HIJACKER", ">ASES", ">SHARE",
					       NULL};
	struct table *t = table_new(headings);
	const json_t *o;
	char buf[32];
	size_t i;

	json_array_foreach (json_object_get(hijack, "worst"), i, o) {
		table_cell(t, TABLE_PLAIN, "AS%lld", render_integer(o, "asn"));
		table_cell(t, TABLE_PLAIN, "%lld", render_integer(o, "ases"));
		table_cell(t, TABLE_PLAIN, "%s",
			   render_share(o, "share", buf, sizeof(buf)));
	}
	table_print(t, cli->out, cli->colour);
}

static void
say_taken(struct cli *cli, const json_t *report, const json_t *taken)
{
	const json_t *weight = json_object_get(report, "weight");
	long long ases = render_integer(taken, "ases");
	char buf[32];

	fprintf(cli->out, "%s is caught: %lld AS%s",
		render_share(taken, "share", buf, sizeof(buf)), ases,
		ases == 1 ? "" : "es");
	if (render_weighed(report))
		fprintf(cli->out, ", %s %s",
			render_weight(render_real(taken, "weight"), buf,
				      sizeof(buf)),
			render_string(weight, "unit"));
	fputs(", of all but the hijacker's own\n", cli->out);
}

static void
say_hijack(struct cli *cli, const json_t *report, const json_t *o)
{
	const json_t *taken = json_object_get(o, "taken");
	const char *kind = render_string(o, "kind");
	const char *noun = strcmp(kind, "leak") == 0 ? "" : " hijack";
	char *prefix = render_join(o, "prefixes", ", ");
	char a[32], b[32], c[32];
	struct text title = {0};

	if (taken)
		text_addf(&title, "%s%s of %s by AS%lld", kind, noun, prefix,
			  render_integer(o, "asn"));
	else
		text_addf(&title, "%s%s of %s by each of %lld ASes", kind, noun,
			  prefix, render_integer(o, "hijackers"));
	render_simulate_title(cli, text_str(&title));
	text_free(&title);
	free(prefix);
	if (taken) {
		say_taken(cli, report, taken);
		return;
	}
	fprintf(cli->out,
		"%s is caught on average, median %s, at most %s, of all but "
		"the hijacker's own\n",
		render_share(o, "mean_share", a, sizeof(a)),
		render_share(o, "median_share", b, sizeof(b)),
		render_share(o, "most_share", c, sizeof(c)));
	say_culprits(cli, o);
}

void
render_simulate_hijacks(struct cli *cli, const json_t *report)
{
	const json_t *o;
	size_t i;

	json_array_foreach (json_object_get(report, "hijack"), i, o)
		say_hijack(cli, report, o);
}
