/* SPDX-License-Identifier: ISC */
/*
 * The whole program in this process, against a control server with canned
 * results (data/) and the texts that are expected (golden/). With
 * BASIN_GOLDEN_WRITE set the golden files are written instead.
 */
#include "../test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../ctl/server.h"
#include "cli/command.h"

/* What the server was asked last, and from which file it answers. */
struct canned {
	char file[256];
	char *arguments; /* owned */
	enum ctl_error error;
	const char *message; /* borrowed; of the error */
	bool without_list;   /* the next page is */
};

struct fixture {
	struct server server;
	struct canned canned;
	char *out, *err; /* owned; of the last run */
};

static char *
folder(void)
{
	char *data = getenv("BASIN_TEST_DATA");

	assert_non_null(data);
	return data;
}

static void
answer(void *root, const struct ctl_caller *caller, const json_t *arguments,
       struct ctl_reply *reply)
{
	struct canned *c = root;
	char path[512];

	free(c->arguments);
	c->arguments = json_dumps(arguments, JSON_COMPACT | JSON_SORT_KEYS);
	if (c->error != CTL_OK) {
		reply->error = c->error;
		text_add(&reply->message,
			 c->message ? c->message : "the message");
		return;
	}
	if (c->without_list) {
		c->without_list = false;
		reply->result = json_pack("{s:i}", "total", 1000);
		return;
	}
	snprintf(path, sizeof(path), "%s/data/%s.json", folder(), c->file);
	reply->result = json_load_file(path, 0, NULL);
	assert_non_null(reply->result);
}

static const struct ctl_command commands[] = {
    {"status", false, false, answer},
    {"show services", false, false, answer},
    {"show checks", false, false, answer},
    {"show prefixes", false, false, answer},
    {"show peers", false, false, answer},
    {"show routes", false, false, answer},
    {"show addresses", false, false, answer},
    {"show counters", false, false, answer},
    {"show events", false, false, answer},
    {"why", false, false, answer},
    {"version", false, false, answer},
    {"monitor", false, true, answer},
    {"drain", true, false, answer},
    {"undrain", true, false, answer},
    {"show drains", false, false, answer},
    {"show blocks", false, false, answer},
    {"show flows", false, false, answer},
    {"offline", true, false, answer},
    {"online", true, false, answer},
    {"attack on", true, false, answer},
    {"attack off", true, false, answer},
    {"reload", true, false, answer},
    {"push", true, false, answer},
    {0},
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	server_start(&f->server, commands, NULL, &f->canned, -1);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	server_stop(&f->server);
	free(f->canned.arguments);
	free(f->out);
	free(f->err);
	free(f);
	return 0;
}

/* Runs "basin LINE --socket ..." with words split at spaces. */
static int
run_on(struct fixture *f, const char *socket, const char *line)
{
	char copy[512], *argv[24], *save = NULL;
	struct cli cli = {0};
	size_t size;
	int argc = 0, code;

	free(f->out);
	free(f->err);
	cli.out = open_memstream(&f->out, &size);
	cli.err = open_memstream(&f->err, &size);
	snprintf(copy, sizeof(copy), "basin %s", line);
	for (char *w = strtok_r(copy, " ", &save); w;
	     w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	argv[argc++] = (char *)"--socket";
	argv[argc++] = (char *)socket;
	code = command_main(&cli, argc, argv);
	fclose(cli.out);
	fclose(cli.err);
	return code;
}

static int
run(struct fixture *f, const char *line)
{
	return run_on(f, f->server.full, line);
}

static char *
read_file(const char *path)
{
	char octets[65536];
	FILE *file = fopen(path, "r");
	size_t n;

	if (!file)
		return xstrdup("");
	n = fread(octets, 1, sizeof(octets) - 1, file);
	octets[n] = '\0';
	fclose(file);
	return xstrdup(octets);
}

static void
expect_golden(const char *name, const char *text)
{
	char path[512];
	char *expected;

	snprintf(path, sizeof(path), "%s/golden/%s.txt", folder(), name);
	if (getenv("BASIN_GOLDEN_WRITE")) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		fputs(text, file);
		fclose(file);
	}
	expected = read_file(path);
	if (strcmp(expected, text) != 0)
		fail_msg("%s: expected\n%s\nseen\n%s", name, expected, text);
	free(expected);
}

static void
results_are_rendered(void **state)
{
	static const struct {
		const char *line, *file;
		int code;
	} cases[] = {
	    {"status", "status", COMMAND_NOT_FINE}, /* partly, an alarm */
	    {"status", "status_many"},
	    {"status", "status_degraded", COMMAND_NOT_FINE},
	    {"show services", "show_services"},
	    {"show checks", "show_checks"},
	    {"show prefixes", "show_prefixes"},
	    {"show peers", "show_peers"},
	    {"show routes out", "show_routes"},
	    {"show routes out", "show_routes_inside"},
	    {"show routes in", "show_routes_in"},
	    {"show addresses", "show_addresses"},
	    {"show counters", "show_counters"},
	    {"show events", "show_events"},
	    {"why 192.0.2.0/24", "why"},
	    {"why web", "why_service"},
	    {"why dns/tcp:53@2001:db8:abcd::53", "why_check"},
	    {"drain service web --reason x --background", "drain"},
	    {"show drains", "show_drains"},
	    {"show blocks", "show_blocks"},
	    {"show flows", "show_flows"},
	    {"attack on --reason flood", "attack_on"},
	    {"attack off", "attack_off"},
	    {"offline --reason intruder", "offline"},
	    {"online --reason new", "online"},
	    {"undrain node", "undrain"},
	    {"push dns", "push"},
	    {"reload", "reload"},
	    {"version", "version"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		snprintf(f->canned.file, sizeof(f->canned.file), "%s",
			 cases[i].file);
		assert_int_equal(run(f, cases[i].line), cases[i].code);
		assert_string_equal(f->err, "");
		expect_golden(cases[i].file, f->out);
	}
}

static void
json_is_the_result_itself(void **state)
{
	struct fixture *f = *state;
	json_t *seen, *expected;
	char path[512];

	snprintf(f->canned.file, sizeof(f->canned.file), "status");
	assert_int_equal(run(f, "--json status"), COMMAND_NOT_FINE);
	snprintf(path, sizeof(path), "%s/data/status.json", folder());
	seen = json_loads(f->out, 0, NULL);
	expected = json_load_file(path, 0, NULL);
	assert_true(json_equal(seen, expected));
	json_decref(seen);
	json_decref(expected);
}

static void
arguments_are_sent(void **state)
{
	static const struct {
		const char *line, *file, *arguments;
	} cases[] = {
	    {"show checks dns", "show_checks",
	     "{\"name\":\"dns\",\"offset\":0}"},
	    {"show routes in transit-a --prefix=192.0.2.0/24", "show_routes",
	     "{\"direction\":\"in\",\"offset\":0,\"peer\":\"transit-a\","
	     "\"prefix\":\"192.0.2.0/24\"}"},
	    {"show routes transit-a", "show_routes",
	     "{\"direction\":\"out\",\"offset\":0,\"peer\":\"transit-a\"}"},
	    {"show events --limit 3 --kind peer", "show_events",
	     "{\"kind\":\"peer\",\"limit\":3}"},
	    {"drain --for 2h prefix 192.0.2.0/24 --reason maintenance "
	     "--background",
	     "drain",
	     "{\"for\":\"2h\",\"name\":\"192.0.2.0/24\","
	     "\"reason\":\"maintenance\",\"target\":\"prefix\"}"},
	    {"drain node --reason=x --now --background", "drain",
	     "{\"now\":true,\"reason\":\"x\",\"target\":\"node\"}"},
	    {"drain node --limit 0s --quiet 3s --for ever --background",
	     "drain",
	     "{\"for\":\"ever\",\"limit\":\"0s\",\"quiet\":\"3s\","
	     "\"target\":\"node\"}"},
	    {"show drains node", "show_drains",
	     "{\"name\":\"node\",\"offset\":0}"},
	    {"offline --reason intruder", "offline",
	     "{\"reason\":\"intruder\"}"},
	    {"online --reason new", "online", "{\"reason\":\"new\"}"},
	    {"attack on --reason flood --for 2h", "attack_on",
	     "{\"for\":\"2h\",\"reason\":\"flood\"}"},
	    {"attack off", "attack_off", "{}"},
	    {"undrain service dns", "undrain",
	     "{\"name\":\"dns\",\"target\":\"service\"}"},
	    {"reload", "reload", "{\"allow_removal\":false}"},
	    {"push dns", "push", "{\"name\":\"dns\",\"state\":\"pass\"}"},
	    {"push dns/feed --state fail --message old", "push",
	     "{\"message\":\"old\",\"name\":\"dns/feed\","
	     "\"state\":\"fail\"}"},
	    {"reload --allow-removal", "reload", "{\"allow_removal\":true}"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		snprintf(f->canned.file, sizeof(f->canned.file), "%s",
			 cases[i].file);
		assert_int_equal(run(f, cases[i].line), COMMAND_FINE);
		assert_string_equal(f->canned.arguments, cases[i].arguments);
	}
}

static void
wrong_lines_are_usage_errors(void **state)
{
	static const struct {
		const char *line, *message;
	} cases[] = {
	    {"statsu", "did you mean \"status\"?"},
	    {"nonsense-word", "is not known (see basin help)"},
	    {"show", "show what? One of services, checks,"},
	    {"show chekcs", "did you mean \"show checks\"?"},
	    {"status extra", "usage: basin status"},
	    {"status --jsno", "did you mean --json?"},
	    {"why", "usage: basin why PREFIX|SERVICE|CHECK"},
	    {"drain", "usage: basin drain node | service NAME"},
	    {"drain node --reason=", "--reason \"TEXT\" is missing"},
	    {"drain node --now --limit 5s", "one of them"},
	    {"offline", "--reason \"TEXT\""},
	    {"online", "--reason \"TEXT\""},
	    {"attack", "attack what? One of on, off"},
	    {"attack on", "--reason \"TEXT\" is missing"},
	    {"attack on --reason x --for 5", "expected a duration"},
	    {"drain everything --reason x", "One of: basin drain node"},
	    {"drain node dns --reason x", "One of: basin drain node"},
	    {"drain service --reason x", "One of: basin drain node"},
	    {"drain node --reason x --for 5", "expected a duration"},
	    {"drain node --reason x --for 0s", "expected a duration"},
	    {"reload --allow-removal=yes", "takes no value"},
	    {"show events --limit many", "expected a number"},
	    {"completion csh", "One of bash, zsh, fish"},
	    {"help nothing", "is not known"},
	    {"-x", "option -x is not known"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(run(f, cases[i].line), COMMAND_USAGE);
		if (!strstr(f->err, cases[i].message))
			fail_msg("%s: %s", cases[i].line, f->err);
		assert_null(f->canned.arguments);
	}
}

static void
errors_become_exit_codes(void **state)
{
	struct fixture *f = *state;

	f->canned.error = CTL_ERROR_NOT_FOUND;
	assert_int_equal(run(f, "why nothing"), COMMAND_NOT_FINE);
	assert_string_equal(f->err, "basin: the message\n");
	f->canned.error = CTL_ERROR_CONFIGURATION;
	assert_int_equal(run(f, "reload"), COMMAND_CONFIGURATION);
	assert_string_equal(f->err, "the message\n");
	f->canned.error = CTL_ERROR_REFUSED;
	assert_int_equal(run(f, "reload"), COMMAND_NOT_FINE);
	f->canned.error = CTL_ERROR_FAILED;
	assert_int_equal(run(f, "status --json"), COMMAND_NOT_FINE);
	assert_non_null(strstr(f->out, "\"code\": \"failed\""));
}

static void
what_the_daemon_says_moves_no_cursor(void **state)
{
	struct fixture *f = *state;

	f->canned.message = "a\033[2J\nb";
	f->canned.error = CTL_ERROR_FAILED;
	assert_int_equal(run(f, "status"), COMMAND_NOT_FINE);
	assert_string_equal(f->err, "basin: a?[2J\nb\n");
	f->canned.error = CTL_ERROR_CONFIGURATION;
	assert_int_equal(run(f, "reload"), COMMAND_CONFIGURATION);
	assert_string_equal(f->err, "a?[2J\nb\n");
}

/* A first page without its list, and a total that is never reached. */
static void
pages_that_do_not_fit_together_come_to_an_end(void **state)
{
	struct fixture *f = *state;

	strcpy(f->canned.file, "show_checks");
	f->canned.without_list = true;
	assert_int_equal(run(f, "show checks"), COMMAND_FINE);
}

static void
the_read_only_socket_reads(void **state)
{
	struct fixture *f = *state;

	snprintf(f->canned.file, sizeof(f->canned.file), "status");
	assert_int_equal(run_on(f, f->server.read_only, "status"),
			 COMMAND_NOT_FINE);
	assert_int_equal(
	    run_on(f, f->server.read_only, "drain node --reason x"),
	    COMMAND_NOT_FINE);
	assert_non_null(strstr(f->err, "read-only"));
}

static void
a_missing_daemon_is_explained(void **state)
{
	static const char *const asking[] = {
	    "show services", "show routes", "show events",
	    "why dns",       "reload",      "undrain node",
	};
	struct fixture *f = *state;

	assert_int_equal(run_on(f, "/nonexistent/basin.sock", "status"),
			 COMMAND_NOT_FINE);
	assert_string_equal(f->err,
			    "basin: cannot reach basind at "
			    "/nonexistent/basin.sock: no such file; is it "
			    "running? (systemctl status basin)\n");
	assert_int_equal(run_on(f, "/nonexistent/basin.sock", "version"),
			 COMMAND_FINE);
	assert_non_null(strstr(f->out, "does not answer"));
	for (size_t i = 0; i < ARRAY_LEN(asking); i++)
		assert_int_equal(run_on(f, "/nonexistent", asking[i]),
				 COMMAND_NOT_FINE);
}

/* The journal and the configuration are named in what is printed. */
static void
a_journal_is_decided_again(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(chdir(folder()), 0);
	assert_int_equal(run(f, "replay data/replay.log"), COMMAND_FINE);
	expect_golden("replay", f->out);
	assert_int_equal(
	    run(f, "replay data/replay.log --config data/replay.yaml"),
	    COMMAND_FINE);
	expect_golden("replay_config", f->out);
	assert_int_equal(run(f, "replay data/nothing.log"), COMMAND_NOT_FINE);
	assert_string_equal(f->err,
			    "data/nothing.log: No such file or directory\n");
	assert_int_equal(run(f, "replay data/replay.yaml"), COMMAND_NOT_FINE);
	assert_int_equal(run(f, "replay data/replay.log --from yesterday"),
			 COMMAND_USAGE);
	assert_int_equal(chdir("/"), 0);
}

static void
every_command_has_help(void **state)
{
	struct fixture *f = *state;
	char line[128];

	for (const struct command *c = command_table; c->name; c++) {
		snprintf(line, sizeof(line), "%s --help", c->name);
		assert_int_equal(run(f, line), COMMAND_FINE);
		assert_non_null(strstr(f->out, "\nExamples:\n  "));
		assert_non_null(strstr(f->out, c->name));
		/* Each example is a command line that is understood. */
		assert_non_null(strstr(c->examples, "basin "));
		assert_true(strlen(c->summary) <= 62);
		assert_null(strchr(c->summary, '.'));
	}
	assert_int_equal(run(f, "help --all"), COMMAND_FINE);
	expect_golden("help", f->out);
}

static void
the_table_is_there_for_programs(void **state)
{
	struct fixture *f = *state;
	json_t *all, *commands_json;

	assert_int_equal(run(f, "help --all --json"), COMMAND_FINE);
	all = json_loads(f->out, 0, NULL);
	commands_json = json_object_get(all, "commands");
	assert_true(json_array_size(commands_json) > 10);
	json_decref(all);
}

/* Shells that are installed must accept their script. */
static void
completion_scripts_parse(void **state)
{
	static const char *const shells[] = {"bash", "zsh", "fish"};
	struct fixture *f = *state;
	char line[256], path[80];
	FILE *file;

	for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
		snprintf(line, sizeof(line), "completion %s", shells[i]);
		assert_int_equal(run(f, line), COMMAND_FINE);
		assert_non_null(strstr(f->out, "undrain"));
		snprintf(path, sizeof(path), "/tmp/basin-cli-%d",
			 (int)getpid());
		file = fopen(path, "w");
		fputs(f->out, file);
		fclose(file);
		snprintf(line, sizeof(line),
			 "! command -v %s >/dev/null || %s -n %s", shells[i],
			 shells[i], path);
		assert_int_equal(system(line), 0);
		unlink(path);
	}
}

static void
monitors_end_with_the_daemon(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct ctl_client *c;
	json_t *line;

	/* follow() is driven by the client; here: what it reads. */
	server_start(&f->server, commands, NULL, &f->canned, -1);
	snprintf(f->canned.file, sizeof(f->canned.file), "monitor");
	assert_int_equal(ctl_client_open(f->server.full, &c), 0);
	assert_int_equal(ctl_client_call(c, "monitor", NULL, &line), 0);
	json_decref(line);
	server_stop(&f->server);
	assert_true(ctl_client_next(c, 5000, &line) < 0);
	ctl_client_close(c);
	free(f->canned.arguments);
	free(f);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(results_are_rendered),
	    TEST(json_is_the_result_itself),
	    TEST(arguments_are_sent),
	    TEST(wrong_lines_are_usage_errors),
	    TEST(errors_become_exit_codes),
	    TEST(what_the_daemon_says_moves_no_cursor),
	    TEST(pages_that_do_not_fit_together_come_to_an_end),
	    TEST(the_read_only_socket_reads),
	    TEST(a_missing_daemon_is_explained),
	    TEST(a_journal_is_decided_again),
	    TEST(every_command_has_help),
	    TEST(the_table_is_there_for_programs),
	    TEST(completion_scripts_parse),
	    cmocka_unit_test(monitors_end_with_the_daemon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
