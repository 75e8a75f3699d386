/* SPDX-License-Identifier: ISC */
#include "daemon/input.h"

#include "journal/journal.h"

/* NULL when nothing is recorded. */
static struct journal_record *
record(struct basin *b, bool alone, struct mono now)
{
	if (b->record)
		journal_record_due(b->record, avail_next_deadline(b->avail),
				   alone, now);
	return b->record;
}

void
input_sample(struct basin *b, size_t check, enum avail_verdict verdict,
	     struct mono now)
{
	struct journal_record *r = record(b, false, now);

	if (r)
		journal_record_sample(r, check, verdict, now);
	avail_sample(b->avail, check, verdict, now);
}

void
input_addresses(struct basin *b, size_t service, bool present, struct mono now)
{
	struct journal_record *r = record(b, false, now);

	if (r)
		journal_record_fact(r, JOURNAL_FACT_ADDRESSES, service, present,
				    now);
	avail_addresses(b->avail, service, present, now);
}

void
input_watch(struct basin *b, size_t service, bool present, struct mono now)
{
	struct journal_record *r = record(b, false, now);

	if (r)
		journal_record_fact(r, JOURNAL_FACT_WATCH, service, present,
				    now);
	avail_watch(b->avail, service, present, now);
}

void
input_load(struct basin *b, size_t service, bool high, struct mono now)
{
	struct journal_record *r = record(b, false, now);

	if (r)
		journal_record_fact(r, JOURNAL_FACT_LOAD, service, high, now);
	avail_load(b->avail, service, high, now);
}

void
input_drill(struct basin *b, size_t service, bool on, struct mono now)
{
	struct journal_record *r = record(b, false, now);

	if (r)
		journal_record_fact(r, JOURNAL_FACT_DRILL, service, on, now);
	avail_drill(b->avail, service, on, now);
}

void
input_attack(struct basin *b, bool on, struct mono expires, struct mono now)
{
	struct journal_record *r = record(b, false, now);

	if (r)
		journal_record_attack(r, on, expires, now);
	avail_attack(b->avail, on, expires, now);
}

void
input_gate(struct basin *b, unsigned waits, struct mono now)
{
	struct journal_record *r = record(b, false, now);

	if (r)
		journal_record_gate(r, waits, now);
	avail_gate(b->avail, waits, now);
}

void
input_brake(struct basin *b, size_t prefix, bool released, struct mono now)
{
	struct journal_record *r = record(b, false, now);

	if (r)
		journal_record_brake(r, prefix, released, now);
	avail_brake(b->avail, prefix, released, now);
}

void
input_drain(struct basin *b, enum avail_target target, size_t id,
	    const struct avail_drain_times *times, struct mono now)
{
	struct journal_record *r = record(b, false, now);

	if (r)
		journal_record_drain(r, target, id, times, now);
	avail_drain(b->avail, target, id, times, now);
}

void
input_quiet(struct basin *b, enum avail_target target, size_t id,
	    struct mono now)
{
	struct journal_record *r = record(b, false, now);

	if (r)
		journal_record_quiet(r, target, id, now);
	avail_quiet(b->avail, target, id, now);
}

bool
input_undrain(struct basin *b, enum avail_target target, size_t id,
	      struct mono now)
{
	struct journal_record *r = record(b, false, now);

	if (r)
		journal_record_undrain(r, target, id, now);
	return avail_undrain(b->avail, target, id, now);
}

void
input_stop(struct basin *b, struct mono now)
{
	struct journal_record *r = record(b, false, now);

	if (r)
		journal_record_stop(r, now);
	avail_stop(b->avail, now);
}

void
input_tick(struct basin *b, struct mono now)
{
	record(b, true, now);
	avail_tick(b->avail, now);
}
