/* SPDX-License-Identifier: ISC */
/*
 * Time as two types that cannot be mixed up: a point on the monotonic clock
 * and a distance between two points. Pure cores take `struct mono now` as a
 * parameter; only mono_now() and wall_now() read a clock.
 */
#ifndef BASIN_BASE_TIME_H
#define BASIN_BASE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A point in time, nanoseconds of CLOCK_MONOTONIC. */
struct mono {
	int64_t ns;
};

/* A distance in time, nanoseconds; may be negative. */
struct dur {
	int64_t ns;
};

/* Seconds and nanoseconds since 1970 UTC: for people only, never for logic. */
struct wall {
	int64_t ns;
};

#define MONO_NEVER ((struct mono){INT64_MAX})
#define DUR_ZERO   ((struct dur){0})
#define DUR_MAX    ((struct dur){INT64_MAX})

static inline struct dur
dur_ns(int64_t ns)
{
	return (struct dur){ns};
}

static inline struct dur
dur_us(int64_t us)
{
	return (struct dur){us * 1000};
}

static inline struct dur
dur_ms(int64_t ms)
{
	return (struct dur){ms * 1000000};
}

static inline struct dur
dur_s(int64_t s)
{
	return (struct dur){s * 1000000000};
}

static inline int64_t
dur_to_ms(struct dur d)
{
	return d.ns / 1000000;
}

static inline double
dur_to_seconds(struct dur d)
{
	return (double)d.ns / 1e9;
}

/* t + d, saturating at MONO_NEVER. */
static inline struct mono
mono_add(struct mono t, struct dur d)
{
	if (d.ns > 0 && t.ns > INT64_MAX - d.ns)
		return MONO_NEVER;
	return (struct mono){t.ns + d.ns};
}

/* a - b. */
static inline struct dur
mono_sub(struct mono a, struct mono b)
{
	return (struct dur){a.ns - b.ns};
}

static inline bool
mono_before(struct mono a, struct mono b)
{
	return a.ns < b.ns;
}

/* True when `t` has come: t <= now. */
static inline bool
mono_reached(struct mono t, struct mono now)
{
	return t.ns <= now.ns;
}

static inline struct mono
mono_min(struct mono a, struct mono b)
{
	return a.ns < b.ns ? a : b;
}

static inline bool
mono_is_never(struct mono t)
{
	return t.ns == INT64_MAX;
}

struct mono mono_now(void);
struct wall wall_now(void);

/* Writes `w` as RFC 3339 UTC with milliseconds; buf holds at least 32. */
const char *wall_format(struct wall w, char *buf, size_t size);

/*
 * Parses UTC as people write it: "2026-11-22", "2026-11-22T10:30",
 * "2026-11-22 10:30:05.250Z". 0, or -EINVAL and *out untouched.
 */
int wall_parse(const char *text, struct wall *out)
    __attribute__((warn_unused_result));

/*
 * Parses a duration with its unit: "100ms", "1s", "1.5s", "2m", "1h", "1d".
 * A bare number is refused: a value with a dimension carries its unit.
 * Returns 0, or -EINVAL and leaves *out alone; -ERANGE beyond 100 years.
 */
int dur_parse(const char *text, struct dur *out)
    __attribute__((warn_unused_result));

/*
 * Writes a duration for people: "350 ms", "12 s", "3 min 5 s", "2 h 10 min",
 * "4 d 3 h". buf holds at least 32. Returns buf.
 */
const char *dur_format(struct dur d, char *buf, size_t size);

#endif
