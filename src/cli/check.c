/* SPDX-License-Identifier: ISC */
/* basin check: the configuration without the daemon. */
#include "cli/command.h"
#include "conf/conf.h"
#include "model/model.h"

static void
say_json(struct cli *cli, const struct conf *conf, const char *messages)
{
	json_t *object =
	    json_pack("{s:b, s:s}", "ok", conf != NULL, "messages", messages);

	if (conf) {
		json_object_set_new(object, "services",
				    json_integer((json_int_t)conf->n_services));
		json_object_set_new(
		    object, "checks",
		    json_integer((json_int_t)conf_count_checks(conf)));
		json_object_set_new(object, "prefixes",
				    json_integer((json_int_t)conf->n_prefixes));
		json_object_set_new(object, "peers",
				    json_integer((json_int_t)conf->n_peers));
	}
	json_dumpf(object, cli->out,
		   JSON_INDENT(2) | JSON_REAL_PRECISION(9) | JSON_ENCODE_ANY);
	fputc('\n', cli->out);
	json_decref(object);
}

static void
say(struct cli *cli, const struct conf *conf, const char *file,
    const char *messages)
{
	fputs(messages, cli->err);
	if (conf)
		fprintf(cli->out,
			"%s: fine: %zu services, %zu checks, %zu prefixes, "
			"%zu peers\n",
			file, conf->n_services, conf_count_checks(conf),
			conf->n_prefixes, conf->n_peers);
}

int
check_run(struct cli *cli, const struct invocation *in)
{
	struct text messages = {0};
	struct conf *conf = NULL;
	int error;

	if (command_option(in, "schema")) {
		conf_write_schema(cli->out);
		return COMMAND_FINE;
	}
	if (in->n_operands == 0) {
		command_complain(cli, "check which file? Such as basin check "
				      "/etc/basin/basin.yaml");
		return COMMAND_USAGE;
	}
	error = conf_load(in->operands[0], &conf, &messages);
	if (conf)
		model_advise(conf, &messages);
	if (cli->json)
		say_json(cli, conf, text_str(&messages));
	else
		say(cli, conf, in->operands[0], text_str(&messages));
	text_free(&messages);
	conf_free(conf);
	return error ? COMMAND_CONFIGURATION : COMMAND_FINE;
}
