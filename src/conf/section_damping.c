/* SPDX-License-Identifier: ISC */
/*
 * A prefix's damping: on, off or a map. Off is a suppress of 0, so that the
 * comparison of two trees sees it.
 */
#include <math.h>
#include <string.h>

#include "conf/section.h"

#define DAMPING(member) OPTION_FIELD(struct conf_damping, member)

static const struct option damping_options[] = {
    {
	.key = "suppress",
	.type = &type_number,
	DAMPING(suppress),
	.low = 2,
	.high = 100000,
	.standard = "2000",
	.help = "above this penalty the prefix is not announced again; each "
		"failure of its services adds 1000",
    },
    {
	.key = "reuse",
	.type = &type_number,
	DAMPING(reuse),
	.low = 1,
	.high = 99999,
	.standard = "750",
	.help = "it is announced again when the penalty has fallen below this",
    },
    {
	.key = "half_life",
	.type = &type_duration,
	DAMPING(half_life),
	.low = SECOND_NS,
	.high = 86400 * SECOND_NS,
	.standard = "15m",
	.help = "the penalty halves in this time",
    },
    {
	.key = "max_suppress",
	.type = &type_duration,
	DAMPING(max_suppress),
	.low = SECOND_NS,
	.high = 7 * 86400 * SECOND_NS,
	.standard = "60m",
	.help = "it is announced again after so long without a failure, "
		"however many there were",
    },
};

static void
scalar_damping(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_damping *d = base;
	const char *text = document_text(node);

	if (strcmp(text, "off") == 0 || strcmp(text, "false") == 0 ||
	    strcmp(text, "no") == 0)
		d->suppress = 0;
	else if (strcmp(text, "on") != 0 && strcmp(text, "true") != 0 &&
		 strcmp(text, "yes") != 0)
		load_expected(l, node, "on, off or a map of damping options");
}

/*
 * RFC 2439 section 4.2: the penalty never goes beyond the ceiling from which
 * it falls to reuse in max_suppress; suppress must be below that.
 */
static double
ceiling(const struct conf_damping *d)
{
	return d->reuse *
	       exp2((double)d->max_suppress.ns / (double)d->half_life.ns);
}

static void
finish_damping(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_damping *d = base;

	if (!node)
		d->suppress = 0;
	/* Fields are zero where their own values were wrong. */
	if (d->suppress == 0 || d->reuse == 0 || d->half_life.ns == 0 ||
	    d->max_suppress.ns == 0)
		return;
	if (d->reuse >= d->suppress)
		load_fail_in(l, node, "reuse",
			     "found %u, expected less than suppress, which is "
			     "%u",
			     d->reuse, d->suppress);
	else if (ceiling(d) <= d->suppress)
		load_fail_in(l, node, "max_suppress",
			     "found a time in which the penalty falls to "
			     "reuse from %.0f, and so never goes beyond that, "
			     "expected a longer one: suppress is %u",
			     ceiling(d), d->suppress);
}

const struct section section_damping = {
    OPTION_SECTION(damping_options),
    .what = "how flapping is damped",
    .finish = finish_damping,
    .scalar = scalar_damping,
    .scalar_text = "on or off",
    .scalar_schema = "\"enum\": [\"on\", \"off\", true, false]",
};
