/* SPDX-License-Identifier: ISC */
/* show exabgp: the programs that speak ExaBGP's process API. */
#include "daemon/process.h"
#include "daemon/show.h"

static json_t *
process(const struct show *s, size_t i)
{
	json_t *object = json_object();
	struct process_view v;

	processes_view(s->b, i, &v);
	show_string(object, "process", v.conf->name);
	show_string(object, "state",
		    v.running                  ? "running"
		    : mono_is_never(v.restart) ? "left"
					       : "waiting");
	show_mono(s, object, "since", v.since);
	show_mono(s, object, "restart", v.restart);
	show_integer(object, "routes", v.routes);
	show_integer(object, "starts", v.starts);
	show_integer(object, "commands", v.commands);
	show_integer(object, "errors", v.errors);
	show_integer(object, "unanswered", v.unanswered);
	show_string(object, "error", v.error[0] ? v.error : NULL);
	show_string(object, "ended", v.ended[0] ? v.ended : NULL);
	return object;
}

void
show_exabgp_run(void *root, const struct ctl_caller *caller,
		const json_t *arguments, struct ctl_reply *reply)
{
	struct show s = show_begin(root);
	struct show_page page = show_page_begin(arguments);

	for (size_t i = 0; i < processes_count(s.b); i++)
		if (show_page_wants(&page))
			json_array_append_new(page.list, process(&s, i));
	reply->result = show_page_end(&page, "processes");
}
