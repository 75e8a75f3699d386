/* SPDX-License-Identifier: ISC */
#include "base/vault.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE_OCTETS 4096

struct vault_page {
	struct vault_page *next; /* owned */
	size_t used, size;       /* of data; the mapping is larger */
	unsigned char data[];
};

static size_t
mapped(size_t size)
{
	size_t all = sizeof(struct vault_page) + size;

	return (all + PAGE_OCTETS - 1) / PAGE_OCTETS * PAGE_OCTETS;
}

static struct vault_page *
new_page(struct vault *v, size_t need)
{
	size_t all = mapped(need);
	struct vault_page *page = mmap(NULL, all, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		abort();
	/* Both may be refused, by a limit or an old kernel: then without. */
	(void)madvise(page, all, MADV_DONTDUMP);
	(void)mlock(page, all);
	page->size = all - sizeof(*page);
	page->next = v->pages;
	v->pages = page;
	return page;
}

void *
vault_keep(struct vault *v, const void *octets, size_t n)
{
	struct vault_page *page = v->pages;
	void *to;

	if (!page || page->size - page->used < n)
		page = new_page(v, n);
	to = page->data + page->used;
	page->used += n;
	return memcpy(to, octets, n);
}

void
vault_free(struct vault *v)
{
	while (v->pages) {
		struct vault_page *page = v->pages;
		size_t all = mapped(page->size);

		v->pages = page->next;
		explicit_bzero(page->data, page->used);
		munmap(page, all);
	}
}
