/* SPDX-License-Identifier: ISC */
/*
 * What a simulation found, for people and programs: one document of JSON,
 * from which the tables (cli/render_simulate*.c) and the page are made, and
 * lines of CSV. basin-simulate(7) describes the document; its members stay.
 */
#ifndef BASIN_REPORT_REPORT_H
#define BASIN_REPORT_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/text.h"
#include "sim/sim.h"

/* What is asked; all is borrowed. */
struct report_request {
	const char *const *what_if; /* alternatives, beside the scenario's */
	size_t n_what_if;
	const char *const *then; /* other files, each an alternative */
	size_t n_then;
	unsigned failures;  /* 0: none; 1 or 2 sites at once */
	const char *hijack; /* "ASN[:KIND]" or "all[:KIND]"; NULL */
	bool search;
	uint32_t explain; /* AS number; 0: none */
	bool ases;        /* every AS in the document */
	unsigned threads; /* 0: as many as processors */
	/* Asked by any thread: true ends what takes long, with what is
	 * found so far. */
	sim_stop stop;
	/* A line about what takes long, from the caller's thread; NULL ends
	 * it. */
	void (*progress)(void *ctx, const char *text);
	void *ctx; /* of both */
};

struct report;

/*
 * Simulates the scenario of a file. 0 with *out for report_free(), warnings in
 * *messages; or -errno with all errors there, one line each.
 */
int report_new(const char *path, const struct report_request *request,
	       struct report **out, struct text *messages)
    __attribute__((warn_unused_result));
void report_free(struct report *r);

/* Are these words a hijack? -EINVAL, explained in *messages. */
int report_check_hijack(const char *words, struct text *messages);
/* Borrowed, as long as the report. */
const json_t *report_document(const struct report *r);
/* No site is over its capacity, and nothing was interrupted. */
bool report_fine(const struct report *r);
/* One line an AS and prefix: asn, prefix, site, upstream, ... */
void report_csv(const struct report *r, FILE *out);
/* The page of HTML for the document, appended to *out. */
void report_page(const json_t *document, struct text *out);

#endif
