/* SPDX-License-Identifier: ISC */
#include "../addresses.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "netns.h"
#include "sys/netlink.h"
#include "sys/sys.h"

/* ---- one helper on one loop ---- */

struct fixture {
	uv_loop_t loop;
	struct log log;
	struct helper *helper;
	bool gone;
};

static void
on_gone(void *arg)
{
	struct fixture *f = arg;

	f->gone = true;
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct helper_settings s = {
	    .log = {.fd = 2, .level = LOG_LEVEL_ERROR, .program = "test"},
	    .user = "nobody",
	};

	uv_loop_init(&f->loop);
	assert_int_equal(helper_spawn(&s, &f->helper), 0);
	assert_int_equal(helper_attach(f->helper, &f->loop, on_gone, f), 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	helper_stop(f->helper);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	free(f);
	return 0;
}

struct verb_result {
	int error, calls;
};

static void
on_done(void *arg, int error)
{
	struct verb_result *r = arg;

	r->error = error;
	r->calls++;
}

static int
wait_verb(struct fixture *f, int r, struct verb_result *result)
{
	assert_int_equal(r, 0);
	while (result->calls == 0)
		uv_run(&f->loop, UV_RUN_ONCE);
	return result->error;
}

static int
add(struct fixture *f, const char *interface, const char *address)
{
	struct verb_result v = {0};
	struct ip ip = ip_of(address);

	return wait_verb(
	    f, helper_address_add(f->helper, interface, &ip, on_done, &v), &v);
}

static int
del(struct fixture *f, const char *interface, const char *address)
{
	struct verb_result v = {0};
	struct ip ip = ip_of(address);

	return wait_verb(
	    f, helper_address_del(f->helper, interface, &ip, on_done, &v), &v);
}

/* What the kernel says, asked beside the helper. */
static int
owner(const char *address)
{
	struct ip ip = ip_of(address);
	struct netlink nl;
	int r;

	assert_int_equal(netlink_open(&nl), 0);
	r = netlink_address_owner(&nl, if_nametoindex("lo"), &ip);
	netlink_close(&nl);
	return r;
}

static void
leave_address(const char *address)
{
	struct ip ip = ip_of(address);
	struct netlink nl;

	assert_int_equal(netlink_open(&nl), 0);
	assert_int_equal(netlink_address_add(&nl, if_nametoindex("lo"), &ip),
			 0);
	netlink_close(&nl);
}

static struct sys_route
blackhole(const char *prefix)
{
	struct sys_route r = {.blackhole = true, .metric = 2047};

	assert_int_equal(prefix_parse(prefix, &r.prefix), 0);
	return r;
}

static int
route(struct fixture *f, const struct sys_route *r, bool added)
{
	struct verb_result v = {0};

	return wait_verb(f,
			 (added ? helper_route_add
				: helper_route_del)(f->helper, r, on_done, &v),
			 &v);
}

/* ---- addresses ---- */

static void
addresses_are_marked_and_removed(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(add(f, "lo", "192.0.2.53"), 0);
	assert_int_equal(add(f, "lo", "2001:db8::53"), 0);
	assert_int_equal(owner("192.0.2.53"), 0);
	assert_int_equal(owner("2001:db8::53"), 0);
	assert_int_equal(netns_run("ip addr show dev lo | grep -A9 192.0.2.53 |"
				   " grep 'inet6 2001:db8::53/128' |"
				   " grep -q 'nodad noprefixroute'"),
			 0);
	assert_int_equal(add(f, "lo", "192.0.2.53"), 0);
	assert_int_equal(del(f, "lo", "192.0.2.53"), 0);
	assert_int_equal(del(f, "lo", "2001:db8::53"), 0);
	assert_int_equal(del(f, "lo", "2001:db8::53"), 0);
	assert_int_not_equal(netns_run("ip addr | grep -q -e 192.0.2.53 "
				       "-e 2001:db8::53"),
			     0);
}

static void
foreign_addresses_are_left_alone(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(netns_run("ip addr add 192.0.2.1/32 dev lo"), 0);
	assert_int_equal(netns_run("ip addr add 2001:db8::1/64 dev lo"), 0);
	assert_int_equal(add(f, "lo", "192.0.2.1"), -EEXIST);
	assert_int_equal(add(f, "lo", "2001:db8::1"), -EEXIST);
	assert_int_equal(del(f, "lo", "192.0.2.1"), -EEXIST);
	assert_int_equal(del(f, "lo", "2001:db8::1"), -EEXIST);
	assert_int_equal(netns_run("ip addr del 192.0.2.1/32 dev lo"), 0);
	assert_int_equal(netns_run("ip addr del 2001:db8::1/64 dev lo"), 0);
}

static void
what_is_never_allowed_is_refused(void **state)
{
	struct fixture *f = *state;
	struct sys_route r = blackhole("192.0.2.0/24");

	assert_int_equal(add(f, "lo", "127.0.0.2"), -EINVAL);
	assert_int_equal(add(f, "lo", "224.0.0.1"), -EINVAL);
	assert_int_equal(add(f, "lo", "::"), -EINVAL);
	assert_int_equal(add(f, "../lo", "192.0.2.1"), -EINVAL);
	assert_int_equal(add(f, "absent0", "192.0.2.1"), -ENODEV);
	r.prefix.addr.bytes[3] = 1;
	assert_int_equal(route(f, &r, true), -EINVAL);
}

/* ---- routes ---- */

static void
routes_are_marked_and_removed(void **state)
{
	struct fixture *f = *state;
	struct sys_route r4 = blackhole("192.0.2.0/24");
	struct sys_route r6 = blackhole("2001:db8::/48");

	assert_int_equal(route(f, &r4, true), 0);
	assert_int_equal(route(f, &r6, true), 0);
	assert_int_equal(route(f, &r4, true), 0);
	assert_int_equal(netns_run("ip route show proto 179 |"
				   " grep -q 'blackhole 192.0.2.0/24'"),
			 0);
	assert_int_equal(netns_run("ip -6 route show proto 179 |"
				   " grep -q 'blackhole 2001:db8::/48'"),
			 0);
	assert_int_equal(route(f, &r4, false), 0);
	assert_int_equal(route(f, &r6, false), 0);
	assert_int_equal(route(f, &r6, false), 0);
	assert_int_equal(netns_run("test -z \"$(ip route show proto 179;"
				   " ip -6 route show proto 179)\""),
			 0);
}

static void
foreign_routes_are_left_alone(void **state)
{
	struct fixture *f = *state;
	struct sys_route r = blackhole("192.0.2.0/24");

	assert_int_equal(netns_run("ip route add unreachable 192.0.2.0/24 "
				   "metric 2047"),
			 0);
	assert_int_equal(route(f, &r, true), -EEXIST);
	assert_int_equal(route(f, &r, false), 0);
	assert_int_equal(netns_run("ip route del unreachable 192.0.2.0/24 "
				   "metric 2047"),
			 0);
}

static void
a_changed_gateway_replaces_the_route(void **state)
{
	struct fixture *f = *state;
	struct sys_route r = {.metric = 2048};

	assert_int_equal(netns_run("ip link add d0 type veth peer name d1 && "
				   "ip link set d1 up && "
				   "ip addr add 198.51.100.1/24 dev d0 && "
				   "ip link set d0 up"),
			 0);
	r.prefix.addr.family = AF_INET;
	r.gateway = ip_of("198.51.100.2");
	assert_int_equal(route(f, &r, true), 0);
	r.gateway = ip_of("198.51.100.3");
	assert_int_equal(route(f, &r, true), 0);
	assert_int_equal(netns_run("test \"$(ip route show default |"
				   " cut -d' ' -f3)\" = 198.51.100.3"),
			 0);
	assert_int_equal(route(f, &r, false), 0);
	assert_int_equal(netns_run("ip link del d0"), 0);
}

static void
a_thousand_requests_do_not_block(void **state)
{
	struct fixture *f = *state;
	struct verb_result v = {0};
	struct sys_route r = blackhole("10.0.0.0/24");

	for (int i = 0; i < 2000; i++) {
		r.prefix.addr.bytes[1] = (uint8_t)(i >> 8);
		r.prefix.addr.bytes[2] = (uint8_t)i;
		assert_int_equal(helper_route_add(f->helper, &r, on_done, &v),
				 0);
	}
	while (v.calls < 2000)
		uv_run(&f->loop, UV_RUN_ONCE);
	assert_int_equal(v.error, 0);
	assert_int_equal(netns_run("test $(ip route show proto 179 | wc -l) "
				   "= 2000"),
			 0);
}

/* After the helper of the test before went: nothing is left. */
static void
a_clean_end_leaves_nothing(void **state)
{
	assert_int_equal(netns_run("test -z \"$(ip route show proto 179)\""),
			 0);
}

/* ---- listening ---- */

static void
privileged_ports_are_passed(void **state)
{
	struct fixture *f = *state;
	struct ip any = ip_of("0.0.0.0"), any6 = ip_of("::");
	int fd = helper_listen(f->helper, &any, 179);
	int fd6 = helper_listen(f->helper, &any6, 179);
	struct ip lo = ip_of("127.0.0.1");
	int c;

	assert_true(fd >= 0);
	assert_true(fd6 >= 0);
	c = sys_tcp_connect(
	    &(struct sys_tcp_target){.dest = lo, .port = 179, .ttl = 1});
	assert_true(c >= 0);
	assert_int_equal(helper_listen(f->helper, &any, 179), -EADDRINUSE);
	assert_int_equal(helper_listen(f->helper, &any, 22), -EACCES);
	/* The responder's: a small set of ports, never on all addresses. */
	assert_int_equal(helper_serve(f->helper, &lo, 22, true), -EACCES);
	assert_int_equal(helper_serve(f->helper, &lo, 179, false), -EACCES);
	assert_true(helper_serve(f->helper, &any, 53, false) < 0);
	close(c);
	close(fd);
	close(fd6);
	/* The helper kept no copy: the port is free again. */
	fd = helper_listen(f->helper, &any, 179);
	assert_true(fd >= 0);
	close(fd);
}

/* ---- commands ---- */

struct exec_result {
	struct helper_exec_result r;
	char output[5000];
	int calls;
};

static void
on_exec(void *arg, const struct helper_exec_result *r)
{
	struct exec_result *e = arg;

	e->r = *r;
	memcpy(e->output, r->output, r->output_len);
	e->output[r->output_len] = '\0';
	e->calls++;
}

static void
run_shell(struct fixture *f, const char *script, int deadline_ms,
	  struct exec_result *e)
{
	const char *argv[] = {"/bin/sh", "-c", script};

	memset(e, 0, sizeof(*e));
	assert_true(helper_exec(f->helper, argv, 3, NULL, dur_ms(deadline_ms),
				on_exec, e) > 0);
	while (e->calls == 0)
		uv_run(&f->loop, UV_RUN_ONCE);
}

static void
commands_run_clean_and_unprivileged(void **state)
{
	struct fixture *f = *state;
	struct exec_result e;

	setenv("BASIN_SECRET", "x", 1);
	run_shell(f,
		  "id -un; id -Gn; pwd; env | grep -c SECRET; "
		  "grep -E '^(CapPrm|CapBnd|NoNewPrivs)' /proc/self/status; "
		  "ls /proc/self/fd | wc -l; exit 7",
		  5000, &e);
	assert_true(WIFEXITED(e.r.wait_status));
	assert_int_equal(WEXITSTATUS(e.r.wait_status), 7);
	assert_string_equal(strchr(e.output, '/'), "/\n0\n"
						   "CapPrm:\t0000000000000000\n"
						   "CapBnd:\t0000000000000000\n"
						   "NoNewPrivs:\t1\n4\n");
	if (netns_has_users())
		assert_memory_equal(e.output, "nobody\nnogroup\n/", 16);
}

static void
what_cannot_start_says_why(void **state)
{
	struct fixture *f = *state;
	const char *argv[] = {"/nonexistent/command"};
	struct exec_result e = {0};

	assert_true(
	    helper_exec(f->helper, argv, 1, NULL, dur_s(5), on_exec, &e) > 0);
	while (e.calls == 0)
		uv_run(&f->loop, UV_RUN_ONCE);
	assert_int_equal(e.r.wait_status, -1);
	assert_int_equal(e.r.error, ENOENT);
	if (!netns_has_users())
		return;
	e.calls = 0;
	argv[0] = "/bin/true";
	assert_true(
	    helper_exec(f->helper, argv, 1, "root", dur_s(5), on_exec, &e) > 0);
	while (e.calls == 0)
		uv_run(&f->loop, UV_RUN_ONCE);
	assert_int_equal(e.r.error, EPERM);
}

static void
output_is_bounded(void **state)
{
	struct fixture *f = *state;
	struct exec_result e;

	run_shell(f, "head -c 1000000 /dev/zero | tr '\\0' x; exit 1", 5000,
		  &e);
	assert_int_equal(e.r.output_len, 4096);
	assert_int_equal(WEXITSTATUS(e.r.wait_status), 1);
}

static bool
alive(pid_t pid)
{
	char path[64], text[256] = "";
	FILE *s;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	s = fopen(path, "r");
	if (!s)
		return false;
	if (!fgets(text, sizeof(text), s))
		text[0] = '\0';
	fclose(s);
	return !strstr(text, ") Z ");
}

static void
wait_dead(pid_t pid)
{
	for (int i = 0; i < 5000 && alive(pid); i++)
		usleep(1000);
	assert_false(alive(pid));
}

static void
the_deadline_ends_the_whole_group(void **state)
{
	struct fixture *f = *state;
	struct exec_result e;

	run_shell(f, "sleep 1000 & echo $!; sleep 1000", 200, &e);
	assert_true(e.r.deadline);
	assert_true(WIFSIGNALED(e.r.wait_status));
	wait_dead(atoi(e.output));
}

static void
what_stays_in_the_background_ends_too(void **state)
{
	struct fixture *f = *state;
	struct exec_result e;

	run_shell(f, "sleep 1000 & echo $!", 5000, &e);
	assert_false(e.r.deadline);
	assert_int_equal(WEXITSTATUS(e.r.wait_status), 0);
	wait_dead(atoi(e.output));
}

static void
a_cancelled_command_does_not_answer(void **state)
{
	struct fixture *f = *state;
	const char *argv[] = {"/bin/sleep", "1000"};
	struct exec_result e = {0}, after;
	int token =
	    helper_exec(f->helper, argv, 2, NULL, dur_s(100), on_exec, &e);

	assert_true(token > 0);
	helper_exec_kill(f->helper, token);
	run_shell(f, "true", 5000, &after);
	assert_int_equal(e.calls, 0);
}

static void
many_commands_run_at_once(void **state)
{
	struct fixture *f = *state;
	const char *argv[] = {"/bin/true"};
	struct exec_result *e = calloc(200, sizeof(*e));

	for (int i = 0; i < 200; i++)
		assert_true(helper_exec(f->helper, argv, 1, NULL, dur_s(50),
					on_exec, &e[i]) > 0);
	for (int i = 0; i < 200; i++) {
		while (e[i].calls == 0)
			uv_run(&f->loop, UV_RUN_ONCE);
		assert_int_equal(e[i].r.wait_status, 0);
	}
	free(e);
}

/* ---- ends ---- */

static void
the_death_of_the_helper_is_told(void **state)
{
	struct fixture *f = *state;
	const char *argv[] = {"/bin/sleep", "1000"};
	struct exec_result e = {0};

	assert_true(
	    helper_exec(f->helper, argv, 2, NULL, dur_s(100), on_exec, &e) > 0);
	kill(helper_pid(f->helper), SIGKILL);
	while (!f->gone)
		uv_run(&f->loop, UV_RUN_ONCE);
	assert_int_equal(e.calls, 1);
	assert_int_equal(e.r.wait_status, -1);
	assert_int_equal(e.r.error, EPIPE);
	assert_int_equal(
	    helper_exec(f->helper, argv, 2, NULL, dur_s(100), on_exec, &e),
	    -EPIPE);
}

/* A main process of its own: sets things up, tells, and waits to be killed. */
static void
main_process(int tell)
{
	struct fixture *f;
	void *state;
	struct sys_route r = blackhole("192.0.2.0/24");
	struct exec_result e;
	const char *argv[] = {"/bin/sleep", "1000"};
	pid_t pids[2];

	setup(&state);
	f = state;
	if (add(f, "lo", "192.0.2.53") || add(f, "lo", "2001:db8::53") ||
	    route(f, &r, true))
		_exit(1);
	if (helper_exec(f->helper, argv, 2, NULL, dur_s(100), on_exec, &e) <= 0)
		_exit(1);
	run_shell(f, "pgrep -P $PPID -x sleep", 5000, &e);
	pids[0] = helper_pid(f->helper);
	pids[1] = atoi(e.output);
	if (write(tell, pids, sizeof(pids)) != sizeof(pids))
		_exit(1);
	for (;;)
		pause();
}

static void
a_killed_main_process_leaves_nothing(void **state)
{
	pid_t main_pid, pids[2];
	int told[2];

	assert_int_equal(pipe(told), 0);
	main_pid = fork();
	if (main_pid == 0)
		main_process(told[1]);
	close(told[1]);
	assert_int_equal(read(told[0], pids, sizeof(pids)), sizeof(pids));
	close(told[0]);
	assert_int_equal(netns_run("ip addr | grep -q 192.0.2.53"), 0);
	assert_true(pids[1] > 1 && alive(pids[1]));
	kill(main_pid, SIGKILL);
	waitpid(main_pid, NULL, 0);
	wait_dead(pids[0]);
	wait_dead(pids[1]);
	assert_int_not_equal(netns_run("(ip addr; ip route; ip -6 route) |"
				       " grep -q -e 192.0.2 -e 2001:db8"),
			     0);
}

/* What a helper that was killed left is taken over and then removed. */
static void
leftovers_are_adopted(void **state)
{
	struct fixture *f = *state;
	struct sys_route r = blackhole("192.0.2.0/24");

	leave_address("192.0.2.53");
	assert_int_equal(netns_run("ip route add blackhole 192.0.2.0/24 "
				   "proto 179 metric 2047"),
			 0);
	assert_int_equal(add(f, "lo", "192.0.2.53"), 0);
	assert_int_equal(route(f, &r, true), 0);
}

static void
adopted_ones_are_removed_at_the_end(void **state)
{
	assert_int_not_equal(netns_run("(ip addr; ip route) |"
				       " grep -q 192.0.2"),
			     0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(addresses_are_marked_and_removed),
	    T(foreign_addresses_are_left_alone),
	    T(what_is_never_allowed_is_refused),
	    T(routes_are_marked_and_removed),
	    T(foreign_routes_are_left_alone),
	    T(a_changed_gateway_replaces_the_route),
	    T(a_thousand_requests_do_not_block),
	    cmocka_unit_test(a_clean_end_leaves_nothing),
	    T(privileged_ports_are_passed),
	    T(commands_run_clean_and_unprivileged),
	    T(what_cannot_start_says_why),
	    T(output_is_bounded),
	    T(the_deadline_ends_the_whole_group),
	    T(what_stays_in_the_background_ends_too),
	    T(a_cancelled_command_does_not_answer),
	    T(many_commands_run_at_once),
	    T(the_death_of_the_helper_is_told),
	    cmocka_unit_test(a_killed_main_process_leaves_nothing),
	    T(leftovers_are_adopted),
	    cmocka_unit_test(adopted_ones_are_removed_at_the_end),
	};

	netns_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
