/* SPDX-License-Identifier: ISC */
#include "base/time.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const int64_t NS_PER_S = 1000000000;

static int64_t
clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

struct mono
mono_now(void)
{
	return (struct mono){clock_ns(CLOCK_MONOTONIC)};
}

struct wall
wall_now(void)
{
	return (struct wall){clock_ns(CLOCK_REALTIME)};
}

const char *
wall_format(struct wall w, char *buf, size_t size)
{
	time_t seconds = (time_t)(w.ns / NS_PER_S);
	int ms = (int)(w.ns % NS_PER_S / 1000000);
	struct tm tm;
	size_t n;

	gmtime_r(&seconds, &tm);
	n = strftime(buf, size, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, size - n, ".%03dZ", ms);
	return buf;
}

/* ".25" as nanoseconds; true when it ends the text (a Z may follow). */
static bool
parse_fraction(const char *text, int64_t *ns)
{
	int64_t unit = NS_PER_S / 10;

	*ns = 0;
	if (*text == '.')
		for (text++; isdigit((unsigned char)*text); text++) {
			*ns += (*text - '0') * unit;
			unit /= 10;
		}
	return *text == '\0' || strcmp(text, "Z") == 0;
}

int
wall_parse(const char *text, struct wall *out)
{
	static const char *const forms[] = {
	    "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M",
	    "%Y-%m-%d %H:%M",    "%Y-%m-%d",
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm = {0};
		const char *rest = strptime(text, forms[i], &tm);
		int64_t ns;

		if (!rest || !parse_fraction(rest, &ns))
			continue;
		/* What a day or year of the calendar can be, nothing else. */
		if (tm.tm_year < 70 || tm.tm_year > 300)
			return -EINVAL;
		out->ns = (int64_t)timegm(&tm) * NS_PER_S + ns;
		return 0;
	}
	return -EINVAL;
}

static const struct {
	const char *name;
	int64_t ns;
} units[] = {
    {"us", 1000},
    {"ms", 1000000},
    {"s", 1000000000},
    {"m", INT64_C(60) * 1000000000},
    {"min", INT64_C(60) * 1000000000},
    {"h", INT64_C(3600) * 1000000000},
    {"d", INT64_C(86400) * 1000000000},
};

static int64_t
unit_ns(const char *name)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(units[i].name, name) == 0)
			return units[i].ns;
	return 0;
}

int
dur_parse(const char *text, struct dur *out)
{
	const double limit = 100.0 * 365 * 86400 * 1e9;
	char *end;
	double value, ns;
	int64_t unit;

	/* What people write of numbers: neither hexadecimal nor exponents. */
	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	value = strtod(text, &end);
	if ((size_t)(end - text) > strspn(text, "0123456789."))
		return -EINVAL;
	while (*end == ' ')
		end++;
	unit = unit_ns(end);
	if (unit == 0)
		return -EINVAL;
	ns = value * (double)unit;
	if (ns > limit)
		return -ERANGE;
	out->ns = (int64_t)(ns + 0.5);
	return 0;
}

static const char *
two_units(char *buf, size_t size, int64_t big, const char *big_unit,
	  int64_t small, const char *small_unit)
{
	if (small == 0)
		snprintf(buf, size, "%" PRId64 " %s", big, big_unit);
	else
		snprintf(buf, size, "%" PRId64 " %s %" PRId64 " %s", big,
			 big_unit, small, small_unit);
	return buf;
}

const char *
dur_format(struct dur d, char *buf, size_t size)
{
	int64_t ms = d.ns / 1000000;
	int64_t s = d.ns / NS_PER_S;

	if (d.ns < 0) {
		snprintf(buf, size, "0 s");
		return buf;
	}
	if (ms < 1 && d.ns > 0) {
		snprintf(buf, size, "%.1f ms", (double)d.ns / 1e6);
		return buf;
	}
	if (s < 1)
		return two_units(buf, size, ms, "ms", 0, "");
	if (s < 60)
		return two_units(buf, size, s, "s", 0, "");
	if (s < 3600)
		return two_units(buf, size, s / 60, "min", s % 60, "s");
	if (s < 86400)
		return two_units(buf, size, s / 3600, "h", s % 3600 / 60,
				 "min");
	return two_units(buf, size, s / 86400, "d", s % 86400 / 3600, "h");
}
