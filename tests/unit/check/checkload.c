/* SPDX-License-Identifier: ISC */
/*
 * checkload CHECKS INTERVAL_MS SECONDS [mix]: so many checks for so long, and
 * what they cost: runs a second, share of a core, lateness, memory. They are
 * tcp checks of one listener (a child process that accepts and closes); with
 * "mix" of ten checks four are tcp, four udp, one is push and one file.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "base/text.h"
#include "check/check.h"

struct load {
	uv_loop_t loop;
	uv_timer_t warm, end;
	struct checker *checker;
	struct rusage usage;
	struct mono start;
	uint64_t runs, failed;
	size_t checks;
	long pss_before;
};

static long
pss_octets(void)
{
	FILE *f = fopen("/proc/self/smaps_rollup", "r");
	char line[200];
	long kib = 0;

	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "Pss:", 4) == 0)
			kib = strtol(line + 4, NULL, 10);
	}
	if (f)
		fclose(f);
	return kib * 1024;
}

static double
seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

static double
cpu_seconds(const struct rusage *u)
{
	return seconds(&u->ru_utime) + seconds(&u->ru_stime);
}

static void
on_result(void *arg, size_t id, const struct check_result *r)
{
	struct load *load = arg;

	load->runs++;
	load->failed += r->verdict != CHECK_PASS;
}

static void
on_warm(uv_timer_t *t)
{
	struct load *load = t->data;
	struct checker_stats stats;

	checker_stats(load->checker, &stats);
	getrusage(RUSAGE_SELF, &load->usage);
	load->start = mono_now();
	load->runs = load->failed = 0;
}

static void
on_end(uv_timer_t *t)
{
	struct load *load = t->data;
	double took = dur_to_seconds(mono_sub(mono_now(), load->start));
	struct checker_stats stats;
	struct rusage now;
	long pss = pss_octets();

	getrusage(RUSAGE_SELF, &now);
	checker_stats(load->checker, &stats);
	printf(
	    "%zu checks: %.0f runs/s, %.2f %% of a core, lateness p99 %.2f "
	    "ms max %.2f ms, %llu not passed, %llu skipped, %llu missed, "
	    "%ld octets a check, %.1f MB in all\n",
	    load->checks, (double)load->runs / took,
	    (cpu_seconds(&now) - cpu_seconds(&load->usage)) / took * 100,
	    stats.lateness_p99 * 1e3, dur_to_seconds(stats.lateness_max) * 1e3,
	    (unsigned long long)load->failed, (unsigned long long)stats.skipped,
	    (unsigned long long)stats.missed,
	    (pss - load->pss_before) / (long)load->checks, (double)pss / 1e6);
	uv_close((uv_handle_t *)&load->warm, NULL);
	uv_close((uv_handle_t *)&load->end, NULL);
	checker_close(load->checker, NULL, NULL);
}

/* Answers every datagram with itself. */
static void
echo(int fd)
{
	struct sockaddr_storage from;
	char octets[64];

	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, octets, sizeof(octets), 0,
				     (struct sockaddr *)&from, &len);

		if (n >= 0)
			sendto(fd, octets, (size_t)n, 0,
			       (struct sockaddr *)&from, len);
	}
}

/* A child process that serves on loopback. */
static pid_t
serve(int type, uint16_t *port)
{
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	struct sockaddr_storage ss;
	struct ip ip = ip_from_v4(0x7f000001);
	socklen_t len = ip_to_sockaddr(&ip, 0, 0, &ss);
	pid_t child;

	if (bind(fd, (struct sockaddr *)&ss, len) ||
	    (type == SOCK_STREAM && listen(fd, 4096)) ||
	    getsockname(fd, (struct sockaddr *)&ss, &len)) {
		perror("listen");
		exit(1);
	}
	*port = ip_from_sockaddr(&ss, &ip);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (type == SOCK_DGRAM)
			echo(fd);
		for (;;)
			close(accept(fd, NULL, NULL));
	}
	close(fd);
	return child;
}

/* One configuration of each kind, shared by all checks of it. */
static void
configure(struct conf_check *confs, struct dur interval, uint16_t tcp,
	  uint16_t udp)
{
	for (unsigned kind = 0; kind < CONF_CHECK_KINDS; kind++)
		confs[kind] = (struct conf_check){
		    .name = "load",
		    .kind = (enum conf_check_kind)kind,
		    .target = ip_from_v4(0x7f000001),
		    .interval = interval,
		    .fast_interval = interval,
		    .timeout = dur_s(1),
		    .jitter = 5,
		};
	confs[CONF_CHECK_TCP].tcp.port = tcp;
	confs[CONF_CHECK_UDP].udp =
	    (struct conf_udp){.port = udp, .send = "ping", .send_len = 4};
	confs[CONF_CHECK_PUSH].push.ttl = dur_s(3600);
	confs[CONF_CHECK_FILE].file.path = "/";
}

static int
add_checks(struct load *load, const struct conf_check *confs, bool mix)
{
	static const enum conf_check_kind kinds[] = {
	    CONF_CHECK_TCP,  CONF_CHECK_UDP, CONF_CHECK_TCP, CONF_CHECK_UDP,
	    CONF_CHECK_TCP,  CONF_CHECK_UDP, CONF_CHECK_TCP, CONF_CHECK_UDP,
	    CONF_CHECK_PUSH, CONF_CHECK_FILE};

	for (size_t i = 0; i < load->checks; i++) {
		enum conf_check_kind kind =
		    mix ? kinds[i % ARRAY_LEN(kinds)] : CONF_CHECK_TCP;

		if (checker_add(load->checker, i, &confs[kind]))
			return 1;
		push_report(load->checker, i, CHECK_PASS, NULL);
	}
	return 0;
}

static void
run(struct load *load, int seconds)
{
	load->warm.data = load->end.data = load;
	uv_timer_init(&load->loop, &load->warm);
	uv_timer_init(&load->loop, &load->end);
	uv_timer_start(&load->warm, on_warm, 1500, 0);
	uv_timer_start(&load->end, on_end, 1500 + 1000 * (uint64_t)seconds, 0);
	uv_run(&load->loop, UV_RUN_DEFAULT);
	uv_loop_close(&load->loop);
}

int
main(int argc, char **argv)
{
	struct conf_check confs[CONF_CHECK_KINDS];
	struct load load = {0};
	uint16_t tcp, udp;
	pid_t servers[2];

	if (argc < 4 || argc > 5) {
		fprintf(stderr,
			"usage: checkload CHECKS INTERVAL_MS SECONDS [mix]\n");
		return 64;
	}
	servers[0] = serve(SOCK_STREAM, &tcp);
	servers[1] = serve(SOCK_DGRAM, &udp);
	configure(confs, dur_ms(atoi(argv[2])), tcp, udp);
	load.checks = (size_t)atoi(argv[1]);
	uv_loop_init(&load.loop);
	load.checker = checker_new(&load.loop, NULL, NULL, on_result, &load);
	load.pss_before = pss_octets();
	if (add_checks(&load, confs, argc == 5))
		return 1;
	run(&load, atoi(argv[3]));
	for (size_t i = 0; i < ARRAY_LEN(servers); i++) {
		kill(servers[i], SIGKILL);
		waitpid(servers[i], NULL, 0);
	}
	return 0;
}
