/* SPDX-License-Identifier: ISC */
/*
 * checkfile FILE: runs every check of a configuration once and prints a line
 * of JSON each: name, verdict, cause, detail. Commands run by the root helper,
 * as in the daemon. For the tests of examples/recipes.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "base/text.h"
#include "check/check.h"
#include "conf/conf.h"

static const char *const verdicts[] = {"pass", "degraded", "fail", "unknown"};

struct tool {
	uv_loop_t loop;
	struct helper *helper;
	struct checker *checker;
	const struct conf_check **checks; /* by id */
	size_t n, left;
};

static int
run_command(void *helper, const struct conf_exec *exec, struct dur deadline,
	    helper_exec_done *done, void *arg)
{
	return helper_exec(helper, exec->argv.v, exec->argv.n, exec->user,
			   deadline, done, arg);
}

static void
kill_command(void *helper, int token)
{
	helper_exec_kill(helper, token);
}

static void
on_helper_gone(void *arg)
{
	fprintf(stderr, "checkfile: the helper is gone\n");
	exit(1);
}

static void
on_closed(void *arg)
{
	struct tool *tool = arg;

	helper_stop(tool->helper);
}

static void
on_result(void *arg, size_t id, const struct check_result *r)
{
	struct tool *tool = arg;
	json_t *line =
	    json_pack("{ss, ss, ss, ss}", "name", tool->checks[id]->name,
		      "verdict", verdicts[r->verdict], "cause",
		      check_cause_text(r->cause), "detail", r->detail);

	json_dumpf(line, stdout, 0);
	putchar('\n');
	json_decref(line);
	checker_remove(tool->checker, id);
	if (--tool->left == 0)
		checker_close(tool->checker, on_closed, tool);
}

static int
add_checks(struct tool *tool, const struct conf *conf)
{
	tool->checks = xcalloc(conf_count_checks(conf), sizeof(*tool->checks));
	for (size_t i = 0; i < conf->n_services; i++)
		for (size_t k = 0; k < conf->services[i].n_checks; k++)
			tool->checks[tool->n++] = &conf->services[i].checks[k];
	tool->left = tool->n;
	for (size_t id = 0; id < tool->n; id++)
		if (checker_add(tool->checker, id, tool->checks[id]) != 0)
			return 1;
	return tool->n == 0;
}

int
main(int argc, char **argv)
{
	struct log log = {.fd = 2, .level = LOG_LEVEL_INFO, .program = "run"};
	struct helper_settings settings = {.log = log, .user = "nobody"};
	struct check_services services = {.run = run_command,
					  .kill = kill_command};
	struct tool tool = {0};
	struct text messages = {0};
	struct conf *conf;

	if (argc != 2 || helper_spawn(&settings, &tool.helper) != 0)
		return 64;
	if (conf_load(argv[1], &conf, &messages) != 0) {
		fputs(text_str(&messages), stderr);
		return 78;
	}
	uv_loop_init(&tool.loop);
	if (helper_attach(tool.helper, &tool.loop, on_helper_gone, NULL) != 0)
		return 1;
	services.helper = tool.helper;
	tool.checker =
	    checker_new(&tool.loop, &log, &services, on_result, &tool);
	if (add_checks(&tool, conf) != 0)
		return 1;
	uv_run(&tool.loop, UV_RUN_DEFAULT);
	free(tool.checks);
	conf_free(conf);
	text_free(&messages);
	return uv_loop_close(&tool.loop) ? 2 : 0;
}
