/* SPDX-License-Identifier: ISC */
/*
 * The file of drains after a disk, or somebody, changed it: it is refused with
 * its name, or each drain in it can be found, stored and taken out.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drains/drains.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static char directory[] = "/tmp/basin-fuzz-drains-XXXXXX";
static char file[sizeof(directory) + 16];

static void
clean_up(void)
{
	unlink(file);
	rmdir(directory);
}

static void
prepare(void)
{
	if (file[0])
		return;
	if (!mkdtemp(directory))
		abort();
	snprintf(file, sizeof(file), "%s/drains.json", directory);
	atexit(clean_up);
}

static void
write_file(const uint8_t *octets, size_t n)
{
	FILE *f = fopen(file, "wb");

	assert(f);
	if (n > 0)
		assert(fwrite(octets, 1, n, f) == n);
	fclose(f);
}

static int
open_drains(struct drains **out)
{
	struct text why = {0};
	struct drains_clock clock = {{INT64_C(1) << 60}, {INT64_C(1) << 60}};
	int error = drains_open(directory, &clock, out, &why);

	assert(error == 0 || error == -EINVAL);
	assert((error == 0) == (*out != NULL) && (error == 0) == !why.len);
	assert(error == 0 || strstr(text_str(&why), file));
	text_free(&why);
	return error;
}

/* Stores the list and reads it: the same again. */
static void
check_again(struct drains *drains)
{
	struct drains_clock clock = {{INT64_C(1) << 60}, {INT64_C(1) << 60}};
	struct drains *again;

	if (drains_count(drains) > 0) {
		struct drain first = *drains_at(drains, 0);

		drains_put(drains, &first);
	}
	assert(drains_store(drains, &clock) == 0);
	assert(open_drains(&again) == 0);
	assert(drains_count(again) == drains_count(drains));
	assert(!drains_attack(again) == !drains_attack(drains));
	assert(drains_blocks(again) == drains_blocks(drains));
	drains_free(again);
}

static void
remove_all(struct drains *drains)
{
	while (drains_count(drains) > 0) {
		const struct drain *d = drains_at(drains, 0);
		enum avail_target target = d->target;
		char *name = xstrdup(d->name);

		assert(d->since.ns >= 0 && d->duration.ns >= 0);
		assert(d->expires.ns >= INT64_C(1) << 60);
		assert(d->phase == DRAIN_DRAINED);
		assert(drains_remove(drains, target, name) == 0);
		assert(!drains_find(drains, target, name));
		free(name);
	}
}

static void
remove_blocks(struct drains *drains)
{
	while (drains_blocks(drains) > 0) {
		const struct drains_block *x = drains_block_at(drains, 0);
		char *what = xstrdup(x->what);

		assert(x->since.ns >= 0 && x->duration.ns > 0);
		assert(x->expires.ns >= INT64_C(1) << 60);
		assert(!mono_is_never(x->expires));
		assert(drains_remove_block(drains, what) == 0);
		assert(!drains_find_block(drains, what));
		free(what);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	struct drains *drains;

	prepare();
	write_file(octets, n);
	if (open_drains(&drains) != 0)
		return 0;
	check_again(drains);
	remove_all(drains);
	remove_blocks(drains);
	drains_free(drains);
	return 0;
}
