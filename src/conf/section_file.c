/* SPDX-License-Identifier: ISC */
#include "conf/section.h"

static const struct option_choice states[] = {
    {"present", CONF_FILE_PRESENT},
    {"absent", CONF_FILE_ABSENT},
    {NULL, 0},
};

#define OF_FILE(member) OPTION_FIELD(struct conf_file, member)

static const struct option file_options[] = {
    {
	.key = "path",
	.type = &type_path,
	OF_FILE(path),
	.required = true,
	.help = "the file to look at, as the daemon's unprivileged user",
    },
    {
	.key = "state",
	.type = &type_choice,
	OF_FILE(state),
	.choices = states,
	.standard = "present",
	.help = "whether the file must be there or must not",
    },
    {
	.key = "max_age",
	.type = &type_duration,
	OF_FILE(max_age),
	.low = 0,
	.high = 3650 * 86400 * SECOND_NS,
	.standard = "0s",
	.help = "it must have been written since this long; 0s does not look",
    },
    {
	.key = "equals",
	.type = &type_text,
	OF_FILE(content),
	.high = 4096,
	.absent = "not looked at",
	.help = "its whole content, but for the newline at the end",
    },
    {
	.key = "regex",
	.type = &type_regex,
	OF_FILE(regex),
	.absent = "not looked at",
	.help = "a POSIX extended regular expression that one of its first "
		"65536 octets' lines must match",
    },
    {
	.key = "weight",
	.type = &type_bool,
	OF_FILE(weight),
	.standard = "false",
	.help = "its content is a whole number: 0 fails, 1 to 99 is "
		"degraded, 100 passes, anything else fails",
    },
};

static void
finish_file(struct load *l, const yaml_node_t *node, void *base)
{
	const struct conf_file *file = base;

	if (node && file->state == CONF_FILE_ABSENT &&
	    (file->max_age.ns || file->content || file->regex || file->weight))
		load_fail_in(l, node, "state",
			     "found absent with max_age, equals, regex or "
			     "weight, expected it alone");
	if (node && file->weight && (file->content || file->regex))
		load_fail_in(l, node, "weight",
			     "found weight with equals or regex, expected one "
			     "way to read the content");
}

static void scalar_file(struct load *l, const yaml_node_t *node, void *base);

const struct section section_file = {
    OPTION_SECTION(file_options),
    .what = "a file check",
    .finish = finish_file,
    .scalar = scalar_file,
    .scalar_text = "a path",
    .scalar_schema = "\"type\": \"string\", \"pattern\": \"^/\"",
};

static void
scalar_file(struct load *l, const yaml_node_t *node, void *base)
{
	section_scalar(l, &section_file, "path", node, base);
}
