/* SPDX-License-Identifier: ISC */
/*
 * The decoders against the vectors of tests/vectors: what they say must be
 * what the RFCs say, for whole messages as they come from a stream.
 */
#include "octets.h"

#include <dirent.h>
#include <stdlib.h>

#include "base/text.h"

#define LINE_MAX_LEN  (1 << 18)
#define STREAM_MAX    (BGP_EXTENDED_MAX + 64)
#define ALL_FAMILIES  15
#define EVERY_UNICAST (BGP_FAMILY_IPV4 | BGP_FAMILY_IPV6)

static const struct session {
	const char *name;
	struct bgp_session_facts facts;
	size_t max;
} sessions[] = {
    {"open", {0}, BGP_MESSAGE_MAX},
    {"ebgp", {.as4 = true, .families = EVERY_UNICAST}, BGP_MESSAGE_MAX},
    {"ibgp",
     {.as4 = true, .ibgp = true, .families = EVERY_UNICAST},
     BGP_MESSAGE_MAX},
    {"old", {.families = EVERY_UNICAST}, BGP_MESSAGE_MAX},
    {"ipv4", {.as4 = true, .families = BGP_FAMILY_IPV4}, BGP_MESSAGE_MAX},
    {"hop6",
     {.as4 = true,
      .families = EVERY_UNICAST,
      .extended_next_hop = BGP_FAMILY_IPV4},
     BGP_MESSAGE_MAX},
    {"flow", {.as4 = true, .families = ALL_FAMILIES}, BGP_MESSAGE_MAX},
    {"ext",
     {.as4 = true, .families = EVERY_UNICAST, .extended_message = true},
     BGP_EXTENDED_MAX},
};

static const struct session *
session_of(const char *name)
{
	for (size_t i = 0; i < COUNT(sessions); i++)
		if (strcmp(sessions[i].name, name) == 0)
			return &sessions[i];
	fail_msg("no session \"%s\"", name);
	return NULL;
}

/* One word of octets: "M", hexadecimal, or the same with "*COUNT". */
static size_t
add_word(char *word, uint8_t *out, size_t n)
{
	char *star = strchr(word, '*');
	size_t count = star ? strtoul(star + 1, NULL, 10) : 1, len;

	if (strcmp(word, "M") == 0) {
		memset(out + n, 0xff, 16);
		return n + 16;
	}
	if (star)
		*star = '\0';
	len = strlen(word) / 2;
	assert_in_range(n + count * len, 0, STREAM_MAX);
	for (size_t i = 0; i < count; i++)
		n += octets_of(word, out + n);
	return n;
}

static size_t
stream_of(char *text, uint8_t *out)
{
	char *save = NULL;
	size_t n = 0;

	for (char *w = strtok_r(text, " ", &save); w;
	     w = strtok_r(NULL, " ", &save))
		n = add_word(w, out, n);
	return n;
}

static void
describe(struct text *t, const struct bgp_verdict *v)
{
	static const char *const words[] = {
	    [BGP_ACCEPT] = "accept",
	    [BGP_DISCARD_ATTRIBUTE] = "discard",
	    [BGP_TREAT_AS_WITHDRAW] = "withdraw",
	    [BGP_DISABLE_FAMILY] = "disable",
	    [BGP_RESET_SESSION] = "reset",
	};

	text_add(t, words[v->action]);
	if (v->action != BGP_ACCEPT && v->action != BGP_RESET_SESSION)
		text_addf(t, " %u", v->attribute);
	if (v->action != BGP_RESET_SESSION)
		return;
	text_addf(t, " %u/%u", v->code, v->subcode);
	for (size_t i = 0; i < v->data_len; i++)
		text_addf(t, "%s%02x", i ? "" : " ", v->data[i]);
}

/* Octets of their own, so that a read behind them is seen. */
static struct bgp_verdict
decode(const struct session *s, uint8_t type, const uint8_t *octets, size_t n,
       struct bgp_notification *notification)
{
	struct bgp_verdict v = {0};
	uint8_t *m = malloc(n);
	struct bgp_refresh refresh;
	struct bgp_update update;
	struct bgp_open open;

	assert_non_null(m);
	memcpy(m, octets, n);
	if (type == BGP_OPEN)
		v = bgp_decode_open(m, n, &open);
	else if (type == BGP_UPDATE)
		v = bgp_decode_update(m, n, &s->facts, &update);
	else if (type == BGP_NOTIFICATION)
		bgp_decode_notification(m, n, notification);
	else if (type == BGP_ROUTE_REFRESH)
		v = bgp_decode_refresh(m, n, &refresh);
	free(m);
	return v;
}

/* What becomes of a stream: the first verdict that is not "accept". */
static void
judge(struct text *t, const struct session *s, const uint8_t *octets, size_t n)
{
	struct bgp_notification notification = {0};
	struct bgp_verdict v = {0};
	uint8_t type = 0;
	int len = 1;

	while (n > 0 && len > 0 && v.action == BGP_ACCEPT) {
		len = bgp_frame(octets, n, s->max, &type, &v);
		if (len <= 0)
			break;
		v = decode(s, type, octets, (size_t)len, &notification);
		octets += len;
		n -= (size_t)len;
	}
	if (type == BGP_NOTIFICATION && len > 0)
		text_addf(t, "close %u/%u", notification.code,
			  notification.subcode);
	else if (len == 0)
		text_add(t, "wait");
	else
		describe(t, &v);
}

/* Cuts a line into its five columns; false when it is for people. */
static bool
columns_of(char *line, char *column[5])
{
	line[strcspn(line, "\n")] = '\0';
	if (line[0] == '#' || line[0] == '\0')
		return false;
	for (size_t i = 0; i < 5; i++) {
		column[i] = line;
		line = line ? strstr(line, " | ") : NULL;
		if (line) {
			*line = '\0';
			line += 3;
		}
	}
	if (!column[4] || line)
		fail_msg("%s: not five columns", column[0]);
	return true;
}

/* Whether the session may have this message is not for a decoder. */
static bool
is_for_the_session(const char *verdict)
{
	return strncmp(verdict, "reset 5/", 8) == 0;
}

static size_t
check_file(const char *path)
{
	static char line[LINE_MAX_LEN];
	static uint8_t octets[STREAM_MAX];
	FILE *f = fopen(path, "r");
	size_t count = 0, wrong = 0;
	char *column[5];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		struct text t = {0};

		if (!columns_of(line, column) || is_for_the_session(column[4]))
			continue;
		judge(&t, session_of(column[2]), octets,
		      stream_of(column[3], octets));
		count++;
		if (strcmp(text_str(&t), column[4]) != 0) {
			print_error("%s: \"%s\", expected \"%s\"\n", column[0],
				    text_str(&t), column[4]);
			wrong++;
		}
		text_free(&t);
	}
	fclose(f);
	assert_int_equal(wrong, 0);
	return count;
}

static void
decoders_say_what_the_rfcs_say(void **state)
{
	const char *folder = *state;
	DIR *d = opendir(folder);
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(d);
	while ((entry = readdir(d)) != NULL) {
		char path[4096];

		if (!strstr(entry->d_name, ".txt"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		count += check_file(path);
	}
	closedir(d);
	assert_true(count > 600);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_prestate(decoders_say_what_the_rfcs_say,
				      argc > 1 ? argv[1] : NULL),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
