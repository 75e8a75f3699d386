/* SPDX-License-Identifier: ISC */
#include "check/file_judge.h"

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "check/sock.h"

/* Octets of the content that are looked at. */
#define CONTENT_MAX 65536
/* Foreign octets shown in a message, after escaping. */
#define SHOWN_MAX 50

static bool
unlike(struct judgement *out, const char *what)
{
	return judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER, "%s", what);
}

static bool
not_looked_at(struct judgement *out, const char *doing, int error)
{
	enum check_verdict verdict;
	enum check_cause cause;
	char why[80];

	sock_judge(error, &verdict, &cause);
	return judge(out, CHECK_UNKNOWN,
		     cause == CHECK_CAUSE_RESOURCES ? cause : CHECK_CAUSE_LOCAL,
		     "file cannot be %s: %s", doing,
		     sock_error_text(error, why, sizeof(why)));
}

/* ---- age ---- */

/* Slewing may change a clock by 500 parts per million; a step is more. */
static bool
was_set(const struct file_age *seen, struct dur ahead, struct dur since)
{
	int64_t by = ahead.ns - seen->ahead.ns;

	return (by < 0 ? -by : by) > dur_s(1).ns + since.ns / 1000;
}

/* What lies in the future ages from now on. */
struct dur
file_age(struct file_age *seen, struct wall written, struct wall now,
	 struct mono mono)
{
	struct dur ahead = dur_ns(now.ns - mono.ns);
	struct dur since = mono_sub(mono, seen->at);
	struct dur age = dur_ns(now.ns - written.ns);

	if (age.ns < 0)
		age = DUR_ZERO;
	if (seen->known && seen->written.ns == written.ns)
		age = dur_ns(seen->age.ns + since.ns);
	/* Written since the last run, by a clock that was set meanwhile. */
	else if (seen->known && was_set(seen, ahead, since) &&
		 age.ns > since.ns)
		age = since;
	*seen = (struct file_age){true, written, age, mono, ahead};
	return age;
}

/* Times before 1970 and beyond 2261 are as good as these. */
static struct wall
written_at(const struct stat *st)
{
	int64_t s = st->st_mtim.tv_sec;

	s = s < 0 ? 0 : s > INT64_C(9200000000) ? INT64_C(9200000000) : s;
	return (struct wall){s * 1000000000 + st->st_mtim.tv_nsec};
}

static bool
judge_age(const struct conf_file *conf, struct dur age, struct judgement *out)
{
	char shown[32], limit[32];

	if (!conf->max_age.ns || age.ns <= conf->max_age.ns)
		return true;
	return judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
		     "file was written %s ago, expected at most %s",
		     dur_format(age, shown, sizeof(shown)),
		     dur_format(conf->max_age, limit, sizeof(limit)));
}

/* ---- content ---- */

static bool
wants_content(const struct conf_file *conf)
{
	return conf->content || conf->regex || conf->weight;
}

/* Reads up to CONTENT_MAX octets and ends them with NUL; -errno. */
static ssize_t
read_content(const char *path, char *content)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	size_t n = 0;
	ssize_t got = 1;

	if (fd < 0)
		return -errno;
	while (got > 0 && n < CONTENT_MAX) {
		got = read(fd, content + n, CONTENT_MAX - n);
		if (got > 0)
			n += (size_t)got;
	}
	if (got < 0)
		got = -errno;
	close(fd);
	content[n] = '\0';
	return got < 0 ? got : (ssize_t)n;
}

static bool
is_equal(const char *wanted, const char *content, size_t n)
{
	if (n > 0 && content[n - 1] == '\n')
		n--;
	return n == strlen(wanted) && memcmp(content, wanted, n) == 0;
}

static bool
matches(const char *pattern, const char *content)
{
	regex_t re;
	bool found;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_NEWLINE | REG_NOSUB))
		return false;
	found = regexec(&re, content, 0, NULL, 0) == 0;
	regfree(&re);
	return found;
}

static bool
judge_octets(const struct conf_file *conf, const char *content, size_t n,
	     struct judgement *out)
{
	const char *wanted = conf->content;
	char expected[SHOWN_MAX], seen[SHOWN_MAX];

	if (!wanted || is_equal(wanted, content, n)) {
		wanted = conf->regex;
		if (!wanted || matches(wanted, content))
			return true;
	}
	text_escape(wanted, strlen(wanted), expected, sizeof(expected));
	text_escape(content, n, seen, sizeof(seen));
	return judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
		     "file says \"%s\", expected %s\"%s\"", seen,
		     wanted == conf->regex ? "to match " : "", expected);
}

/* A number from 0 to 100, maybe with a newline; -1 when it is none. */
static int
weight_of(const char *content, size_t n)
{
	int weight = 0;

	if (n > 0 && content[n - 1] == '\n')
		n--;
	if (n < 1 || n > 3)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (content[i] < '0' || content[i] > '9')
			return -1;
		weight = weight * 10 + content[i] - '0';
	}
	return weight <= 100 ? weight : -1;
}

static bool
judge_weight(const char *content, size_t n, struct judgement *out)
{
	int weight = weight_of(content, n);
	char seen[SHOWN_MAX];

	if (weight == 100)
		return true;
	if (weight >= 0)
		return judge(out, weight ? CHECK_DEGRADED : CHECK_FAIL,
			     CHECK_CAUSE_ANSWER, "file says weight %d of 100",
			     weight);
	text_escape(content, n, seen, sizeof(seen));
	return judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
		     "file says \"%s\", expected a weight from 0 to 100", seen);
}

static bool
judge_content(const struct conf_file *conf, struct judgement *out)
{
	char *content;
	ssize_t n;
	bool good;

	if (!wants_content(conf))
		return true;
	content = xcalloc(1, CONTENT_MAX + 1);
	n = read_content(conf->path, content);
	if (n == -ENOENT)
		good = unlike(out, "file vanished while it was looked at");
	else if (n < 0)
		good = not_looked_at(out, "read", (int)-n);
	else if (conf->weight)
		good = judge_weight(content, (size_t)n, out);
	else
		good = judge_octets(conf, content, (size_t)n, out);
	free(content);
	return good;
}

void
file_judge(const struct conf_file *conf, struct file_age *seen, struct wall now,
	   struct mono mono, struct judgement *out)
{
	bool absent = conf->state == CONF_FILE_ABSENT;
	struct stat st;
	struct dur age;

	if (stat(conf->path, &st) < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			not_looked_at(out, "looked at", errno);
		else if (absent)
			judge(out, CHECK_PASS, CHECK_CAUSE_OK, "%s", "");
		else
			unlike(out, "file does not exist");
		return;
	}
	age = file_age(seen, written_at(&st), now, mono);
	if (absent)
		unlike(out, "file exists, expected it absent");
	else if (wants_content(conf) && !S_ISREG(st.st_mode))
		unlike(out, "is no regular file, expected content");
	else if (judge_age(conf, age, out) && judge_content(conf, out))
		judge(out, CHECK_PASS, CHECK_CAUSE_OK, "%s", "");
}
