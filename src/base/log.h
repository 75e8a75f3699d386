/* SPDX-License-Identifier: ISC */
/*
 * The log: one line per event, subject first, to standard error. Three forms:
 * for people on a terminal, with journald's priority prefix, or JSON. A sink
 * that does not take the line at once loses it and is counted: the log never
 * blocks the loop. Foreign octets are escaped by the caller with
 * text_escape(); log_line() escapes control characters again all the same.
 */
#ifndef BASIN_BASE_LOG_H
#define BASIN_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

/* syslog(3) priorities, so that journald takes them as they are. */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

enum log_format {
	LOG_FORMAT_TERMINAL,
	LOG_FORMAT_JOURNAL,
	LOG_FORMAT_JSON,
};

/*
 * A logger. There is no global one: whoever logs was given a `struct log *`.
 * A NULL logger drops everything (unit tests).
 */
struct log {
	int fd; /* borrowed, usually 2 */
	enum log_format format;
	enum log_level level; /* lines above (less urgent) are dropped */
	const char *program;  /* borrowed; "basind" */
	uint64_t lost;        /* lines the sink did not take */
};

/* Picks the form for `fd`: journal under systemd, else terminal. */
enum log_format log_format_for(int fd);

#define log_error(log, ...)   log_line(log, LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(log, ...) log_line(log, LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(log, ...)  log_line(log, LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(log, ...)    log_line(log, LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(log, ...)   log_line(log, LOG_LEVEL_DEBUG, __VA_ARGS__)

/*
 * "peer transit-a: hold timer expired ...": `subject` names the object (kind
 * and name), the rest is the message for a person.
 */
void log_line(struct log *log, enum log_level level, const char *subject,
	      const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The same for a text of several lines: one log line each. */
void log_lines(struct log *log, enum log_level level, const char *subject,
	       const char *lines);

/*
 * "Once per cause": true when the caller may log now; otherwise counts the
 * suppressed line. One of these lives beside each cause that a peer or the
 * network can repeat at will. On a true return *suppressed is the number of
 * lines left out since the last one.
 */
struct log_limit {
	struct mono next;
	uint32_t suppressed;
};
bool log_allowed(struct log_limit *limit, struct dur period, struct mono now,
		 uint32_t *suppressed);

#endif
