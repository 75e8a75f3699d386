/* SPDX-License-Identifier: ISC */
#include "loading.h"

static void
overload_waits_only_where_it_is_watched(void **state)
{
	struct conf *conf =
	    load("web: {addresses: 192.0.2.80, overload: {cpu: 90, "
		 "after: 3s}}, dns: {addresses: 192.0.2.53}",
		 "services: [web, dns], damping: {suppress: 1000, reuse: 500}");
	struct avail_service_settings web = model_service(&conf->services[0]);
	struct avail_service_settings dns = model_service(&conf->services[1]);

	assert_int_equal(web.overload_after.ns, dur_s(3).ns);
	assert_int_equal(web.overload_clear.ns, dur_s(60).ns);
	assert_int_equal(dns.overload_after.ns, 0);
	assert_int_equal(dns.overload_clear.ns, 0);
	conf_free(conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(overload_waits_only_where_it_is_watched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
