/* SPDX-License-Identifier: ISC */
#include "fixture.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void
on_result(void *arg, size_t id, const struct check_result *r)
{
	struct fixture *f = arg;

	if (f->n < FIXTURE_RESULTS) {
		f->ids[f->n] = id;
		f->results[f->n] = *r;
	}
	f->n++;
	if (f->hook)
		f->hook(f, id);
	if (f->n >= f->wanted)
		uv_stop(&f->loop);
}

static void
on_guard(uv_timer_t *t)
{
	struct fixture *f = t->data;

	f->hung = true;
	uv_stop(&f->loop);
}

void
fixture_open(struct fixture *f, const struct check_services *services)
{
	memset(f, 0, sizeof(*f));
	assert_int_equal(uv_loop_init(&f->loop), 0);
	uv_timer_init(&f->loop, &f->guard);
	f->guard.data = f;
	f->checker = checker_new(&f->loop, NULL, services, on_result, f);
	assert_non_null(f->checker);
}

static void
turn(struct fixture *f, uint64_t ms)
{
	f->hung = false;
	uv_update_time(&f->loop);
	uv_timer_start(&f->guard, on_guard, ms, 0);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	uv_timer_stop(&f->guard);
}

void
fixture_results(struct fixture *f, size_t n)
{
	f->wanted = f->n + n;
	turn(f, 20000);
	assert_false(f->hung);
}

void
fixture_wait(struct fixture *f, struct dur d)
{
	f->wanted = SIZE_MAX;
	turn(f, (uint64_t)dur_to_ms(d));
}

static void
on_closed(void *arg)
{
	((struct fixture *)arg)->closed = true;
}

void
fixture_close(struct fixture *f)
{
	f->wanted = SIZE_MAX;
	if (f->checker)
		checker_close(f->checker, on_closed, f);
	uv_close((uv_handle_t *)&f->guard, NULL);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_true(f->closed || !f->checker);
	assert_int_equal(uv_loop_close(&f->loop), 0);
}

struct check_result
fixture_once(const struct conf_check *conf,
	     const struct check_services *services)
{
	struct fixture f;

	fixture_open(&f, services);
	assert_int_equal(checker_add(f.checker, 0, conf), 0);
	fixture_results(&f, 1);
	fixture_close(&f);
	return f.results[0];
}

struct conf_check
fixture_conf(enum conf_check_kind kind)
{
	struct conf_check conf = {.name = "test", .kind = kind};

	assert_int_equal(ip_parse("127.0.0.1", &conf.target), 0);
	conf.interval = dur_s(5);
	conf.fast_interval = dur_s(5);
	conf.timeout = dur_s(5);
	return conf;
}

int
fixture_listen(int family, int type, uint16_t *port)
{
	struct sockaddr_storage ss;
	socklen_t len;
	struct ip ip;
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(ip_parse(family == AF_INET ? "127.0.0.1" : "::1", &ip),
			 0);
	len = ip_to_sockaddr(&ip, 0, 0, &ss);
	assert_int_equal(bind(fd, (struct sockaddr *)&ss, len), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 1024), 0);
	len = sizeof(ss);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	*port = ip_from_sockaddr(&ss, &ip);
	return fd;
}

uint16_t
fixture_free_port(int type)
{
	uint16_t port;

	close(fixture_listen(AF_INET, type, &port));
	return port;
}

size_t
fixture_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}
