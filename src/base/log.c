/* SPDX-License-Identifier: ISC */
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

static const char *const level_names[] = {
    [LOG_LEVEL_ERROR] = "error",   [LOG_LEVEL_WARNING] = "warning",
    [LOG_LEVEL_NOTICE] = "notice", [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_DEBUG] = "debug",
};

enum log_format
log_format_for(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long dev, ino;
	struct stat st;

	if (!stream || sscanf(stream, "%lu:%lu", &dev, &ino) != 2)
		return LOG_FORMAT_TERMINAL;
	if (fstat(fd, &st) != 0 || st.st_dev != dev || st.st_ino != ino)
		return LOG_FORMAT_TERMINAL;
	return LOG_FORMAT_JOURNAL;
}

/* A line break or escape sequence in a message must not become one. */
static void
defuse(struct text *t, size_t from)
{
	for (size_t i = from; i < t->len; i++)
		if ((unsigned char)t->s[i] < 0x20 || t->s[i] == 0x7f)
			t->s[i] = '?';
}

static void
add_json_string(struct text *t, const char *s)
{
	/* JSON is UTF-8: of what is not, the ASCII is kept. */
	bool utf8 = text_is_utf8(s, strlen(s));

	text_add(t, "\"");
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			text_addf(t, "\\%c", c);
		else if (c >= 0x80 && !utf8)
			text_add(t, "?");
		else
			text_add_n(t, s, 1);
	}
	text_add(t, "\"");
}

static void
add_terminal(struct text *t, enum log_level level, const char *subject,
	     const char *message)
{
	struct wall w = wall_now();
	time_t seconds = (time_t)(w.ns / 1000000000);
	char clock[16];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	text_addf(t, "%s.%03d %-7s %s: %s\n", clock,
		  (int)(w.ns % 1000000000 / 1000000), level_names[level],
		  subject, message);
}

static void
add_json(struct text *t, const struct log *log, enum log_level level,
	 const char *subject, const char *message)
{
	char when[40];

	text_addf(t, "{\"time\":\"%s\",\"program\":\"%s\",\"level\":\"%s\",",
		  wall_format(wall_now(), when, sizeof(when)), log->program,
		  level_names[level]);
	text_add(t, "\"subject\":");
	add_json_string(t, subject);
	text_add(t, ",\"message\":");
	add_json_string(t, message);
	text_add(t, "}\n");
}

static void
write_or_lose(struct log *log, const struct text *line)
{
	struct pollfd p = {.fd = log->fd, .events = POLLOUT};
	ssize_t n;

	if (poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT)) {
		log->lost++;
		return;
	}
	do
		n = write(log->fd, line->s, line->len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		log->lost++;
}

void
log_line(struct log *log, enum log_level level, const char *subject,
	 const char *fmt, ...)
{
	struct text message = {0}, line = {0}, about = {0};
	va_list ap;

	if (!log || level > log->level)
		return;
	va_start(ap, fmt);
	text_vaddf(&message, fmt, ap);
	va_end(ap);
	defuse(&message, 0);
	text_add(&about, subject);
	defuse(&about, 0);
	subject = text_str(&about);
	if (log->format == LOG_FORMAT_JSON)
		add_json(&line, log, level, subject, text_str(&message));
	else if (log->format == LOG_FORMAT_JOURNAL)
		text_addf(&line, "<%d>%s: %s\n", level, subject,
			  text_str(&message));
	else
		add_terminal(&line, level, subject, text_str(&message));
	write_or_lose(log, &line);
	text_free(&message);
	text_free(&about);
	text_free(&line);
}

void
log_lines(struct log *log, enum log_level level, const char *subject,
	  const char *lines)
{
	while (*lines) {
		size_t n = strcspn(lines, "\n");

		log_line(log, level, subject, "%.*s", (int)n, lines);
		lines += n;
		lines += *lines == '\n';
	}
}

bool
log_allowed(struct log_limit *limit, struct dur period, struct mono now,
	    uint32_t *suppressed)
{
	if (mono_before(now, limit->next)) {
		limit->suppressed++;
		return false;
	}
	*suppressed = limit->suppressed;
	limit->suppressed = 0;
	limit->next = mono_add(now, period);
	return true;
}
