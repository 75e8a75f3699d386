/* SPDX-License-Identifier: ISC */
/*
 * Blocks of bzip2 do not depend on each other, but nothing says where they
 * begin: they are found by the 48 bits at their front, at any bit. Each is
 * made a stream of its own, by a head before it and an end behind it, for
 * libbz2. The stream's checksum is made of those of the blocks. Where it does
 * not come out, the front of a block was chance or the file is damaged.
 */
#include <bzlib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/inflate_blocks.h"

#define FRONT_OF_BLOCK UINT64_C(0x314159265359)
#define FRONT_OF_END   UINT64_C(0x177245385090)
#define FRONT_BITS     48
#define SUM_BITS       32
#define HEAD_SIZE      4 /* "BZh9" */
#define TAIL_SIZE      ((FRONT_BITS + SUM_BITS) / 8)

#define BLOCKS_MAX  4096
#define BLOCK_ROOM  ((size_t)1 << 20) /* text of most blocks */
#define BLOCK_MAX   ((size_t)8 << 20) /* runs of one octet can do more */
#define THREADS_MAX 8

struct block {
	size_t at; /* bit where it begins */
	char *out; /* owned */
	size_t n;
};

struct stream {
	const uint8_t *in;
	size_t size, max;
	/* n blocks, and behind them where the end begins. */
	struct block *blocks; /* owned */
	size_t n;
	atomic_size_t next, total;
	atomic_bool failed;
};

/* 64 bits from a bit on; nine octets must be there. */
static uint64_t
bits_at(const uint8_t *in, size_t bit)
{
	const uint8_t *p = in + bit / 8;
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | p[i];
	if (bit % 8)
		v = v << bit % 8 | p[8] >> (8 - bit % 8);
	return v;
}

static uint32_t
sum_behind_front(const uint8_t *in, size_t bit)
{
	/* Two steps: 80 bits are sure to be there, not more. */
	return (uint32_t)(bits_at(in, bit + 16) & UINT32_MAX);
}

/* Octets that can be the second one of a front: 16 of 256. */
static void
mark_second(bool *second, uint64_t front)
{
	for (int shift = 0; shift < 8; shift++)
		second[front >> (32 + shift) & 0xff] = true;
}

static bool
add_block(struct stream *s, size_t bit)
{
	if (s->n == BLOCKS_MAX)
		return false;
	if ((s->n & (s->n - 1)) == 0)
		s->blocks = xrealloc(s->blocks, s->n ? 4 * s->n : 2,
				     sizeof(s->blocks[0]));
	s->blocks[s->n++] = (struct block){.at = bit};
	return true;
}

/* Fronts of blocks, and that of the end; false when they are in disorder. */
static bool
find_blocks(struct stream *s)
{
	bool second[256] = {false}, ended = false;

	mark_second(second, FRONT_OF_BLOCK);
	mark_second(second, FRONT_OF_END);
	/* Behind every front there are 32 bits of a checksum. */
	for (size_t i = HEAD_SIZE; i + TAIL_SIZE <= s->size && !ended; i++) {
		uint64_t window;

		if (!second[s->in[i + 1]])
			continue;
		window = bits_at(s->in, i * 8);
		for (size_t shift = 0; shift < 8; shift++) {
			uint64_t front = window << shift >> (64 - FRONT_BITS);

			ended = front == FRONT_OF_END;
			if (!ended && front != FRONT_OF_BLOCK)
				continue;
			if (!add_block(s, i * 8 + shift))
				return false;
			if (ended)
				break;
		}
	}
	return ended && s->blocks[0].at == HEAD_SIZE * 8;
}

/* One stream and nothing behind it, and its checksum is that of its blocks. */
static bool
is_whole(const struct stream *s)
{
	size_t end = s->blocks[s->n].at;
	uint32_t sum = 0;

	if ((end + FRONT_BITS + SUM_BITS + 7) / 8 != s->size)
		return false;
	for (size_t i = 0; i < s->n; i++)
		sum = (sum << 1 | sum >> 31) ^
		      sum_behind_front(s->in, s->blocks[i].at);
	return sum == sum_behind_front(s->in, end);
}

/* Appends the highest `n` bits of v at `bit`; octets behind it are zero. */
static void
put_bits(uint8_t *out, size_t bit, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++, bit++)
		out[bit / 8] |= (uint8_t)((v >> (63 - i) & 1) << (7 - bit % 8));
}

/* A stream with one block; its octets, for free(). */
static char *
make_stream(const struct stream *s, const struct block *b, unsigned *n)
{
	size_t bits = b[1].at - b->at, whole = bits / 8;
	uint8_t *out = xcalloc(HEAD_SIZE + whole + 1 + TAIL_SIZE + 1, 1);
	const uint8_t *in = s->in + b->at / 8;
	unsigned shift = b->at % 8, rest = bits % 8;
	size_t at = HEAD_SIZE * 8 + whole * 8;

	memcpy(out, s->in, HEAD_SIZE);
	for (size_t i = 0; i < whole; i++)
		out[HEAD_SIZE + i] =
		    (uint8_t)(in[i] << shift | in[i + 1] >> (8 - shift));
	put_bits(out, at, bits_at(s->in, b->at + whole * 8), rest);
	put_bits(out, at + rest, FRONT_OF_END << (64 - FRONT_BITS), FRONT_BITS);
	put_bits(out, at + rest + FRONT_BITS,
		 (uint64_t)sum_behind_front(s->in, b->at) << 32, SUM_BITS);
	*n = (unsigned)((at + rest + FRONT_BITS + SUM_BITS + 7) / 8);
	return (char *)out;
}

static bool
inflate_block(struct block *b, char *in, unsigned n)
{
	unsigned room = BLOCK_ROOM;
	int err;

	for (;; room = BLOCK_MAX) {
		unsigned out = room;

		b->out = xrealloc(b->out, room, 1);
		err = BZ2_bzBuffToBuffDecompress(b->out, &out, in, n, 0, 0);
		b->n = out;
		if (err != BZ_OUTBUFF_FULL || room == BLOCK_MAX)
			return err == BZ_OK;
	}
}

static void *
work(void *arg)
{
	struct stream *s = arg;

	while (!s->failed) {
		size_t i = atomic_fetch_add(&s->next, 1);
		struct block *b;
		unsigned n;
		char *in;

		if (i >= s->n)
			break;
		b = &s->blocks[i];
		in = make_stream(s, b, &n);
		if (!inflate_block(b, in, n) ||
		    atomic_fetch_add(&s->total, b->n) + b->n > s->max)
			s->failed = true;
		free(in);
	}
	return NULL;
}

static void
work_on_all(struct stream *s)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[THREADS_MAX];
	size_t n = 0, wanted = processors > 1 ? (size_t)processors - 1 : 0;

	if (wanted > THREADS_MAX)
		wanted = THREADS_MAX;
	if (wanted > s->n - 1)
		wanted = s->n - 1;
	/* Without more threads, this one does it alone. */
	while (n < wanted && pthread_create(&threads[n], NULL, work, s) == 0)
		n++;
	work(s);
	while (n)
		pthread_join(threads[--n], NULL);
}

/* All blocks in order; their memory goes as they are appended. */
static void
append(struct stream *s, struct text *out)
{
	out->cap = out->len + s->total + 1;
	out->s = xrealloc(out->s, out->cap, 1);
	for (size_t i = 0; i < s->n; i++) {
		struct block *b = &s->blocks[i];

		memcpy(out->s + out->len, b->out, b->n);
		out->len += b->n;
		free(b->out);
		b->out = NULL;
	}
	out->s[out->len] = '\0';
}

bool
inflate_blocks(const char *in, size_t n, size_t max, struct text *out)
{
	struct stream s = {.in = (const uint8_t *)in, .size = n, .max = max};
	bool done = find_blocks(&s);

	/* The end is no block; one or none is not worth a thread. */
	if (done)
		s.n--;
	done = done && s.n > 1 && is_whole(&s);
	if (done) {
		work_on_all(&s);
		done = !s.failed;
	}
	if (done)
		append(&s, out);
	for (size_t i = 0; i < s.n; i++)
		free(s.blocks[i].out);
	free(s.blocks);
	return done;
}
