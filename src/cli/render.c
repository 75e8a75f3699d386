/* SPDX-License-Identifier: ISC */
#include "cli/render.h"

#include <string.h>

#include "base/text.h"
#include "base/time.h"

void
render_json(struct cli *cli, const json_t *value)
{
	json_dumpf(value, cli->out,
		   JSON_INDENT(2) | JSON_REAL_PRECISION(9) | JSON_ENCODE_ANY);
	fputc('\n', cli->out);
}

const char *
render_string(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s && *s ? s : "-";
}

long long
render_integer(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

const char *
render_age(const json_t *object, const char *key, char *buf, size_t size)
{
	char name[64];
	const double most = 9e9; /* seconds, as nanoseconds in 64 bits */
	json_t *member;
	double seconds;

	snprintf(name, sizeof(name), "%s_seconds", key);
	member = json_object_get(object, name);
	if (!json_is_number(member))
		return "-";
	seconds = json_number_value(member);
	if (seconds > most)
		seconds = most;
	else if (seconds < 0)
		seconds = 0;
	return dur_format(dur_ns((int64_t)(seconds * 1e9)), buf, size);
}

char *
render_join(const json_t *object, const char *key, const char *gap)
{
	json_t *list = json_object_get(object, key), *item;
	struct text text = {0};
	size_t i;

	json_array_foreach (list, i, item) {
		text_add(&text, i > 0 ? gap : "");
		if (json_is_integer(item))
			text_addf(&text, "%lld",
				  (long long)json_integer_value(item));
		else if (json_is_string(item))
			text_add(&text, json_string_value(item));
	}
	return text.s ? text.s : xstrdup("-");
}

enum table_style
render_style(const char *state)
{
	static const struct {
		const char *state;
		enum table_style style;
	} styles[] = {
	    {"announcing", TABLE_GOOD},  {"announced", TABLE_GOOD},
	    {"up", TABLE_GOOD},          {"Established", TABLE_GOOD},
	    {"owned", TABLE_GOOD},       {"pass", TABLE_GOOD},
	    {"healthy", TABLE_GOOD},     {"frozen", TABLE_WARN},
	    {"braked", TABLE_WARN},      {"suppressed", TABLE_WARN},
	    {"draining", TABLE_WARN},    {"overloaded", TABLE_WARN},
	    {"partly", TABLE_WARN},      {"degraded", TABLE_WARN},
	    {"drained", TABLE_WARN},     {"held", TABLE_WARN},
	    {"starting", TABLE_WARN},    {"stopping", TABLE_WARN},
	    {"checking", TABLE_WARN},    {"unknown", TABLE_WARN},
	    {"foreign", TABLE_WARN},     {"lingering", TABLE_WARN},
	    {"left", TABLE_WARN},        {"warning", TABLE_WARN},
	    {"silent", TABLE_BAD},       {"withdrawn", TABLE_BAD},
	    {"down", TABLE_BAD},         {"fail", TABLE_BAD},
	    {"missing", TABLE_BAD},      {"error", TABLE_BAD},
	    {"Idle", TABLE_BAD},         {"Active", TABLE_BAD},
	    {"Connect", TABLE_BAD},      {"OpenSent", TABLE_WARN},
	    {"OpenConfirm", TABLE_WARN},
	};

	for (size_t i = 0; i < ARRAY_LEN(styles); i++)
		if (strcmp(styles[i].state, state) == 0)
			return styles[i].style;
	return TABLE_PLAIN;
}
