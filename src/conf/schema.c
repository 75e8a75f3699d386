/* SPDX-License-Identifier: ISC */
/*
 * JSON Schema 2020-12 from the option tables. What a schema cannot say
 * (references, coverage, files that exist) only the loader checks.
 */
#include <inttypes.h>

#include "conf/option.h"

struct writer {
	FILE *out;
	unsigned depth;
};

static void write_section(struct writer *w, const struct section *s);

static void
new_line(struct writer *w)
{
	fprintf(w->out, "\n%*s", (int)(w->depth * 2), "");
}

/* Tables hold printable ASCII only: two characters need an escape. */
static void
write_text(struct writer *w, const char *text)
{
	fputc('"', w->out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', w->out);
		fputc(*text, w->out);
	}
	fputc('"', w->out);
}

static void
write_choices(struct writer *w, const struct option_choice *choices)
{
	fprintf(w->out, "\"enum\": [");
	for (size_t i = 0; choices[i].word; i++) {
		fprintf(w->out, "%s", i > 0 ? ", " : "");
		write_text(w, choices[i].word);
	}
	fprintf(w->out, "]");
}

static void
write_named(struct writer *w, const struct section *s)
{
	fprintf(w->out, "\"type\": \"object\", \"minProperties\": 1, ");
	fprintf(w->out, "\"propertyNames\": {\"pattern\": ");
	write_text(w, s->name_pattern);
	fprintf(w->out, "}, \"additionalProperties\": ");
	write_section(w, s);
}

static void
write_value(struct writer *w, const struct option *o)
{
	switch (o->type->form) {
	case OPTION_NUMBER:
		fprintf(w->out,
			"\"type\": \"integer\", \"minimum\": %" PRId64
			", \"maximum\": %" PRId64,
			o->low, o->high);
		break;
	case OPTION_BOOL:
		fprintf(w->out, "\"type\": \"boolean\"");
		break;
	case OPTION_DURATION:
		fprintf(w->out,
			"\"type\": \"string\", \"pattern\": "
			"\"^[0-9]+([.][0-9]*)? *(us|ms|s|m|min|h|d)$\"");
		break;
	case OPTION_CHOICE:
		write_choices(w, o->choices);
		break;
	case OPTION_LIST:
		fprintf(w->out, "\"type\": \"array\", "
				"\"items\": ");
		write_section(w, o->section);
		break;
	case OPTION_NAMED:
		write_named(w, o->section);
		break;
	case OPTION_MAP:
		fprintf(w->out, "\"allOf\": [");
		write_section(w, o->section);
		fprintf(w->out, "]");
		break;
	case OPTION_TEXT:
		fprintf(w->out, "%s", o->type->schema);
		break;
	}
}

static void
write_default(struct writer *w, const struct option *o)
{
	bool bare =
	    o->type->form == OPTION_NUMBER || o->type->form == OPTION_BOOL;

	if (!o->standard)
		return;
	fprintf(w->out, ", \"default\": ");
	if (bare)
		fprintf(w->out, "%s", o->standard);
	else
		write_text(w, o->standard);
}

static void
write_option(struct writer *w, const struct option *o)
{
	write_text(w, o->key);
	fprintf(w->out, ": {\"description\": ");
	write_text(w, o->help);
	fprintf(w->out, ", ");
	write_value(w, o);
	write_default(w, o);
	fprintf(w->out, "}");
}

static void
write_required(struct writer *w, const struct section *s)
{
	const char *before = "";

	fprintf(w->out, "\"required\": [");
	for (size_t i = 0; i < s->n; i++) {
		if (!option_at(s, i)->required)
			continue;
		fprintf(w->out, "%s", before);
		write_text(w, s->options[i].key);
		before = ", ";
	}
	fprintf(w->out, "]");
}

/* What may stand there and means nothing: any value. */
static void
write_idle(struct writer *w, const struct section *s)
{
	for (size_t i = 0; s->idle && i < s->idle->n; i++) {
		const char *key = s->idle->options[i].key;

		if (option_find(s, key))
			continue;
		fputc(',', w->out);
		new_line(w);
		write_text(w, key);
		fprintf(w->out, ": true");
	}
}

/* The members of a map's schema, without braces. */
static void
write_members(struct writer *w, const struct section *s)
{
	fprintf(w->out, "\"type\": \"object\", "
			"\"additionalProperties\": false, ");
	write_required(w, s);
	if (s->schema)
		fprintf(w->out, ", %s", s->schema);
	fprintf(w->out, ", \"properties\": {");
	w->depth++;
	for (size_t i = 0; i < s->n; i++) {
		new_line(w);
		write_option(w, option_at(s, i));
		if (i + 1 < s->n)
			fputc(',', w->out);
	}
	write_idle(w, s);
	w->depth--;
	new_line(w);
	fputc('}', w->out);
}

static void
write_section(struct writer *w, const struct section *s)
{
	if (s->scalar_schema)
		fprintf(w->out, "{\"anyOf\": [{%s}, ", s->scalar_schema);
	fputc('{', w->out);
	write_members(w, s);
	fputc('}', w->out);
	if (s->scalar_schema)
		fprintf(w->out, "]}");
}

static void
write_schema(FILE *out, const char *title, const struct section *root)
{
	struct writer w = {out, 0};

	fprintf(out,
		"{\"$schema\": "
		"\"https://json-schema.org/draft/2020-12/schema\",\n"
		"\"title\": \"%s\",\n",
		title);
	write_members(&w, root);
	fprintf(out, "}\n");
}

void
conf_write_schema(FILE *out)
{
	write_schema(out, "basin.yaml, the configuration of a basin node",
		     &section_root);
}

void
conf_scenario_write_schema(FILE *out)
{
	write_schema(out, "a scenario of basin simulate", &section_scenario);
}
