/* SPDX-License-Identifier: ISC */
#include "daemon/block.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/keep.h"

/* ---- the routes ---- */

struct bgp_origination
block_origination(const struct basin *b, const struct block_route *route)
{
	const struct conf_block *conf = &b->conf->block;

	return (struct bgp_origination){
	    .source = BLOCK_SOURCE,
	    .rank = BGP_RANK_OPERATOR,
	    .nlri = route->nlri,
	    .attributes = &route->attributes,
	    .peers = conf->peers.v,
	    .n_peers = conf->peers.n,
	};
}

/* A tampered file is read like an order, but nobody is asked about it. */
static void
originate(struct basin *b, const struct drains_block *block)
{
	struct block_route route;
	struct bgp_origination o;
	struct text error = {0};
	int result;

	result = block_read(b, block->flow, block->what, block->actions, &route,
			    &error);
	if (result == 0) {
		o = block_origination(b, &route);
		result = bgp_originate(b->bgp, &o);
	}
	if (result != 0)
		log_error(&b->log, "block", "%s is not announced: %s",
			  block->what,
			  error.len ? text_str(&error) : strerror(-result));
	text_free(&error);
}

static bool
is_told(const struct conf_block *conf, const char *peer)
{
	for (size_t i = 0; i < conf->peers.n; i++)
		if (strcmp(conf->peers.v[i], peer) == 0)
			return true;
	return false;
}

static void
take_back(struct basin *b, const struct drains_block *block, const char *peer)
{
	struct block_route route;
	struct bgp_origination o;
	struct text error = {0};

	if (block_read(b, block->flow, block->what, block->actions, &route,
		       &error) == 0) {
		o = block_origination(b, &route);
		o.peers = &peer;
		o.n_peers = peer != NULL;
		(void)!bgp_withdraw_origination(b->bgp, &o);
	}
	text_free(&error);
}

/* Peers that the section does not name any more. */
static void
leave_others(struct basin *b, const struct drains_block *block)
{
	for (size_t i = 0; i < b->conf->n_peers; i++)
		if (!is_told(&b->conf->block, b->conf->peers[i].name))
			take_back(b, block, b->conf->peers[i].name);
}

void
block_configure(struct basin *b)
{
	size_t n = drains_blocks(b->drains);

	if (!b->conf->block.enabled) {
		bgp_withdraw_source(b->bgp, BLOCK_SOURCE);
		if (n)
			log_warning(&b->log, "block",
				    "%zu blocks are not announced: the "
				    "configuration has no section block",
				    n);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		originate(b, drains_block_at(b->drains, i));
		leave_others(b, drains_block_at(b->drains, i));
	}
}

/* ---- orders ---- */

struct job {
	struct basin *b;           /* borrowed */
	struct drains_block block; /* its strings are owned */
	bool expiry;
	basin_ordered *done; /* NULL: nobody asked */
	void *arg;
};

static struct job *
job_new(struct basin *b, const struct drains_block *block, basin_ordered *done,
	void *arg)
{
	struct job *job = xcalloc(1, sizeof(*job));

	job->b = b;
	job->block = *block;
	job->block.what = xstrdup(block->what);
	job->block.actions = xstrdup(block->actions ? block->actions : "");
	job->block.reason = xstrdup(block->reason ? block->reason : "");
	job->block.who = xstrdup(block->who ? block->who : "");
	job->done = done;
	job->arg = arg;
	return job;
}

static void
finish(struct job *job, int error, struct text *message)
{
	if (job->done)
		job->done(job->arg, error, text_str(message));
	text_free(message);
	free((char *)job->block.what);
	free((char *)job->block.actions);
	free((char *)job->block.reason);
	free((char *)job->block.who);
	free(job);
}

static void
not_stored(struct basin *b, int error, struct text *message)
{
	if (message->len == 0)
		text_addf(message,
			  "it could not be stored in %s (%s): nothing was "
			  "changed",
			  b->conf->state_directory, strerror(-error));
}

static int
change_add(struct drains *next, void *arg)
{
	struct job *job = arg;

	if (!drains_find_block(next, job->block.what) &&
	    drains_blocks(next) >= job->b->conf->block.limit)
		return -ENOSPC;
	job->block.since = wall_now();
	job->block.expires = mono_add(mono_now(), job->block.duration);
	drains_put_block(next, &job->block);
	return 0;
}

static void
added(struct basin *b, void *arg, int error)
{
	struct job *job = arg;
	struct text message = {0};
	char length[32];

	if (error == -ENOSPC)
		text_addf(&message,
			  "%u blocks stand already, which is block.limit: "
			  "basin show blocks, basin unblock DST",
			  b->conf->block.limit);
	if (error != 0) {
		not_stored(b, error, &message);
	} else if (b->phase != BASIN_STOPPING && b->conf->block.enabled) {
		b->cause = basin_event(
		    b, EVENT_BLOCK, LOG_LEVEL_NOTICE, job->block.what, NULL,
		    "blocked", NULL, "by %s for %s: %s", job->block.who,
		    dur_format(job->block.duration, length, sizeof(length)),
		    job->block.reason[0] ? job->block.reason : "no reason");
		originate(b, &job->block);
	}
	finish(job, error, &message);
}

void
block_add(struct basin *b, const struct drains_block *block,
	  basin_ordered *done, void *arg)
{
	keep_queue(b->keep, change_add, added, job_new(b, block, done, arg));
}

/* ---- the end of a block ---- */

static int
change_remove(struct drains *next, void *arg)
{
	const struct job *job = arg;
	const struct drains_block *block =
	    drains_find_block(next, job->block.what);

	/* Somebody may have prolonged it while it ended: that stays. */
	if (job->expiry && block && !mono_reached(block->expires, mono_now()))
		return -ENOENT;
	return drains_remove_block(next, job->block.what);
}

static void
removed(struct basin *b, void *arg, int error)
{
	struct job *job = arg;
	struct text message = {0};

	if (error == -ENOENT)
		text_addf(&message, "%s is not blocked", job->block.what);
	if (error != 0 && !(job->expiry && error != -ENOENT)) {
		not_stored(b, error, &message);
	} else if (b->phase != BASIN_STOPPING) {
		b->cause = basin_event(b, EVENT_BLOCK, LOG_LEVEL_NOTICE,
				       job->block.what, "blocked", "unblocked",
				       job->expiry ? "expired" : NULL, "%s%s",
				       job->expiry ? "its time is over" : "by ",
				       job->expiry ? "" : job->block.who);
		take_back(b, &job->block, NULL);
	}
	finish(job, error, &message);
}

void
block_remove(struct basin *b, const char *what, const char *who,
	     basin_ordered *done, void *arg)
{
	const struct drains_block *block = drains_find_block(b->drains, what);
	struct drains_block gone = {.what = what};

	if (block)
		gone = *block;
	gone.who = who;
	keep_queue(b->keep, change_remove, removed,
		   job_new(b, &gone, done, arg));
}

void
block_tick(struct basin *b, struct mono now)
{
	for (size_t i = 0; i < drains_blocks(b->drains); i++) {
		const struct drains_block *block =
		    drains_block_at(b->drains, i);
		struct job *job;

		if (!mono_reached(block->expires, now))
			continue;
		job = job_new(b, block, NULL, NULL);
		job->expiry = true;
		keep_fact(b->keep, change_remove, removed, job);
	}
}
