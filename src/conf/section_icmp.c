/* SPDX-License-Identifier: ISC */
#include "conf/section.h"

static const struct option icmp_options[] = {
    {
	.key = "size",
	.type = &type_number,
	OPTION_FIELD(struct conf_icmp, size),
	.low = 16,
	.high = 8952,
	.standard = "56",
	.help = "octets that are sent behind the ICMP header and must come "
		"back",
    },
};

const struct section section_icmp = {
    OPTION_SECTION(icmp_options),
    .what = "an icmp check",
};
