/* SPDX-License-Identifier: ISC */
#include "conf/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OCTETS_MAX 256

#define MODE_CHANGED 0022 /* others may write */
#define MODE_READ    0007 /* everybody may read */

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

ssize_t
secret_read(const char *path, uint8_t *out, size_t size, unsigned *mode)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t n;

	*mode = 0;
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -EINVAL;
	}
	*mode = st.st_mode & 07777;
	n = read(fd, out, size);
	if (n < 0)
		n = -errno;
	close(fd);
	while (n > 0 && is_blank(out[n - 1]))
		n--;
	return n;
}

struct conf_key
secret_keep(struct load *l, const char *path, const uint8_t *octets, size_t n)
{
	return (struct conf_key){vault_keep(&l->conf->vault, octets, n), n,
				 path};
}

/* Two that are the same file are the same key. */
struct conf_key
secret_elsewhere(struct load *l, const char *path)
{
	size_t n = strlen(path);

	return secret_keep(l, path, (const uint8_t *)path,
			   n < OCTETS_MAX ? n : OCTETS_MAX);
}

bool
secret_equal(const struct conf_key *a, const struct conf_key *b)
{
	return a->n == b->n && (a->n == 0 || memcmp(a->v, b->v, a->n) == 0);
}

static bool
equal_secret(const struct option *o, const void *a, const void *b,
	     const struct option_trees *trees)
{
	return secret_equal(a, b);
}

static void
refuse_file(struct load *l, const yaml_node_t *node, int error)
{
	if (error == -EINVAL)
		load_fail(l, node, "found %s, which is no regular file",
			  load_found(l, node));
	else
		load_fail(l, node,
			  "found %s, which cannot be read (%s), expected a "
			  "file with the key that basind may read",
			  load_found(l, node), strerror(-error));
}

static bool
sound(struct load *l, const struct option *o, const yaml_node_t *node,
      const uint8_t *octets, size_t n, unsigned mode)
{
	if (mode & (MODE_CHANGED | MODE_READ))
		load_fail(l, node,
			  "found %s, whose mode %04o lets others %s the key, "
			  "expected at most 0640",
			  load_found(l, node), mode,
			  mode & MODE_READ ? "read" : "change");
	else if (n == 0)
		load_fail(l, node, "found no key in %s, expected one line",
			  load_found(l, node));
	else if (n > (size_t)o->high)
		load_fail(l, node,
			  "found a key of more than %d octets in %s, expected "
			  "1 to %d",
			  (int)o->high, load_found(l, node), (int)o->high);
	else if (memchr(octets, '\n', n) || memchr(octets, '\0', n))
		load_fail(l, node,
			  "found more than one line in %s, expected the key "
			  "alone",
			  load_found(l, node));
	else
		return true;
	return false;
}

static void
parse_secret(struct load *l, const struct option *o, const yaml_node_t *node,
	     void *field)
{
	const char *path = load_text(l, node, "the name of a file");
	uint8_t octets[OCTETS_MAX];
	unsigned mode;
	ssize_t n;

	if (!path)
		return;
	path = type_resolve(l, path);
	if (l->elsewhere) {
		*(struct conf_key *)field = secret_elsewhere(l, path);
		return;
	}
	n = secret_read(path, octets, sizeof(octets), &mode);
	if (n < 0)
		refuse_file(l, node, (int)n);
	else if (sound(l, o, node, octets, (size_t)n, mode))
		*(struct conf_key *)field =
		    secret_keep(l, path, octets, (size_t)n);
	explicit_bzero(octets, sizeof(octets));
}

const struct option_type secret_type = {
    OPTION_TEXT, "file", parse_secret, equal_secret, TYPE_SCHEMA_TEXT,
};
