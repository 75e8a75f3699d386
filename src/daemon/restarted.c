/* SPDX-License-Identifier: ISC */
#include "daemon/restarted.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define MARK    "running"
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

/* The first line of a small file, "" when there is none. */
static void
read_line(const char *path, char *line, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd >= 0 ? read(fd, line, size - 1) : 0;

	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (fd >= 0)
		close(fd);
}

static void
mark_path(const struct basin *b, struct text *out)
{
	text_addf(out, "%s/" MARK, b->conf->state_directory);
}

static void
write_mark(struct basin *b, const char *path, const char *boot)
{
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	bool written = fd >= 0 && dprintf(fd, "%s\n", boot) > 0;
	int error = errno;

	if (fd >= 0)
		close(fd);
	if (!written)
		log_warning(&b->log, path,
			    "cannot be written: %s; after a crash the "
			    "neighbours are not told of a restart",
			    strerror(error));
}

void
restarted_begin(struct basin *b)
{
	char before[64], boot[64];
	struct text path = {0};

	mark_path(b, &path);
	read_line(text_str(&path), before, sizeof(before));
	read_line(BOOT_ID, boot, sizeof(boot));
	if (before[0])
		bgp_restarted(b->bgp, strcmp(before, boot) == 0);
	write_mark(b, text_str(&path), boot[0] ? boot : "unknown");
	text_free(&path);
}

void
restarted_end(struct basin *b)
{
	struct text path = {0};

	mark_path(b, &path);
	unlink(text_str(&path));
	text_free(&path);
}

void
restarted_decided(struct basin *b)
{
	if (!bgp_waits(b->bgp))
		return;
	for (size_t id = 0; id < avail_services(b->avail); id++) {
		struct avail_service_view view;

		avail_view_service(b->avail, id, &view);
		if (view.state == AVAIL_SERVICE_CHECKING)
			return;
	}
	bgp_ready(b->bgp);
}
