/* SPDX-License-Identifier: ISC */
#include "ctl/loader.h"

#include "base/module.h"

const struct ctl_http_module *
loader_http(struct log *log)
{
	const char *why = NULL;
	const struct ctl_http_module *module =
	    module_find("ctl", "ctl_http", CTL_HTTP_SYMBOL, &why);

	if (!module)
		log_error(log, "http", "cannot be served: %s", why);
	else if (module->abi != CTL_HTTP_ABI)
		log_error(log, "http",
			  "its module is of another version of basin");
	else
		return module;
	return NULL;
}
