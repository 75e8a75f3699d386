/* SPDX-License-Identifier: ISC */
/* Members of the document as people read them. */
#include <math.h>
#include <string.h>

#include "cli/render_simulate.h"

double
render_real(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

bool
render_weighed(const json_t *report)
{
	const json_t *weight = json_object_get(report, "weight");

	return strcmp(render_string(weight, "by"), "ases") != 0;
}

const char *
render_weight(double weight, char *buf, size_t size)
{
	snprintf(buf, size, "%.*f", weight == floor(weight) ? 0 : 1, weight);
	return buf;
}

const char *
render_share(const json_t *object, const char *key, char *buf, size_t size)
{
	const json_t *share = json_object_get(object, key);
	double percent = json_number_value(share) * 100;

	if (!json_is_number(share))
		snprintf(buf, size, "-");
	else if (percent > 0 && percent < 0.05)
		snprintf(buf, size, "<0.1 %%");
	else
		snprintf(buf, size, "%.1f %%", percent);
	return buf;
}

void
render_simulate_title(struct cli *cli, const char *text)
{
	fputc('\n', cli->out);
	table_say(cli->out, cli->colour, TABLE_BOLD, "%s", text);
	fputc('\n', cli->out);
}
