/* SPDX-License-Identifier: ISC */
#include "daemon/tally.h"

struct tally
tally_new(void)
{
	return (struct tally){.last_packet = MONO_NEVER, .read = MONO_NEVER};
}

/* Since the last reading; all of it when the counter began again. */
static uint64_t
growth(uint64_t before, uint64_t after)
{
	return after >= before ? after - before : after;
}

static void
set_rates(struct tally *t, uint64_t packets, uint64_t octets, struct dur passed)
{
	double seconds = dur_to_seconds(passed);

	t->packets_per_second = seconds > 0 ? (double)packets / seconds : 0;
	t->octets_per_second = seconds > 0 ? (double)octets / seconds : 0;
}

void
tally_read(struct tally *t, uint64_t packets, uint64_t octets,
	   unsigned quiet_rate, struct mono now)
{
	bool first = mono_is_never(t->read);
	bool reset = packets < t->raw_packets || octets < t->raw_octets;
	uint64_t more = growth(reset ? 0 : t->raw_packets, packets);
	uint64_t more_octets = growth(reset ? 0 : t->raw_octets, octets);
	struct dur passed = first ? dur_ms(0) : mono_sub(now, t->read);

	t->packets += more;
	t->octets += more_octets;
	t->raw_packets = packets;
	t->raw_octets = octets;
	set_rates(t, more, more_octets, passed);
	if (first || reset || !t->readable ||
	    t->packets_per_second > (double)quiet_rate)
		t->last_packet = now;
	t->read = now;
	t->readable = true;
}

void
tally_miss(struct tally *t)
{
	t->readable = false;
	t->packets_per_second = t->octets_per_second = 0;
}
