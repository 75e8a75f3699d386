/* SPDX-License-Identifier: ISC */
#include "conf/section.h"

#define UDP(member) OPTION_FIELD(struct conf_udp, member)

static const struct option udp_options[] = {
    {
	.key = "port",
	.type = &type_number,
	UDP(port),
	.low = 1,
	.high = UINT16_MAX,
	.required = true,
	.help = "the port to send to",
    },
    {
	.key = "send",
	.type = &type_escaped,
	UDP(send),
	.required = true,
	.help = "octets of the datagram, one that the service answers",
    },
    {
	.key = "expect",
	.type = &type_escaped,
	UDP(expect),
	.absent = "any answer passes",
	.help = "octets the answer must contain",
    },
};

const struct section section_udp = {
    OPTION_SECTION(udp_options),
    .what = "a udp check",
};
