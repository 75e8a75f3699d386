/* SPDX-License-Identifier: ISC */
#include "daemon/model.h"

void
model_build(const struct conf *conf, struct mono now, struct avail **avail,
	    struct basin_check **checks)
{
	size_t id = 0;

	*avail = model_new(conf, now);
	*checks = xcalloc(conf_count_checks(conf), sizeof(**checks));
	for (size_t i = 0; i < conf->n_services; i++)
		for (size_t j = 0; j < conf->services[i].n_checks; j++)
			(*checks)[id++] = (struct basin_check){
			    .conf = &conf->services[i].checks[j],
			    .service = i,
			};
}
