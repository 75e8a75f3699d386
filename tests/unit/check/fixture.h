/* SPDX-License-Identifier: ISC */
/* A loop with a scheduler, sockets on loopback and the results so far. */
#ifndef BASIN_TESTS_UNIT_CHECK_FIXTURE_H
#define BASIN_TESTS_UNIT_CHECK_FIXTURE_H

#include "../test.h"

#include <uv.h>

#include "check/check.h"

#define FIXTURE_RESULTS 64

struct fixture {
	uv_loop_t loop;
	struct checker *checker;
	uv_timer_t guard; /* ends a test that would hang */
	size_t wanted;    /* results; the loop stops then */
	size_t n;         /* results so far */
	size_t ids[FIXTURE_RESULTS];
	struct check_result results[FIXTURE_RESULTS];
	/* Called for each result, may be NULL. */
	void (*hook)(struct fixture *f, size_t id);
	void *hook_arg;
	bool closed, hung;
};

void fixture_open(struct fixture *f, const struct check_services *services);
/* Turns the loop until `n` more results came; fails the test after 20 s. */
void fixture_results(struct fixture *f, size_t n);
/* Turns the loop for about that long. */
void fixture_wait(struct fixture *f, struct dur d);
/* Closes everything and asserts that nothing is left on the loop. */
void fixture_close(struct fixture *f);
/* Adds `conf` as check 0, runs it once, closes; the result. */
struct check_result fixture_once(const struct conf_check *conf,
				 const struct check_services *services);

/* A check of that kind at 127.0.0.1: interval and timeout 5 s, no jitter. */
struct conf_check fixture_conf(enum conf_check_kind kind);

/* Listening or bound (datagrams) socket on loopback; *port is told. */
int fixture_listen(int family, int type, uint16_t *port);
/* A port nobody listens on (it was bound and closed). */
uint16_t fixture_free_port(int type);
/* Open descriptors of this process. */
size_t fixture_descriptors(void);

#endif
