/* SPDX-License-Identifier: ISC */
/*
 * Options as data. A section is a table of options; each option names its
 * type, the field it fills, its limits, its default and its meaning. The
 * loader, the defaults, unknown-key messages, the JSON Schema, the comparison
 * of two trees and the manual page all read these tables.
 */
#ifndef BASIN_CONF_OPTION_H
#define BASIN_CONF_OPTION_H

#include "conf/load.h"

struct option;
struct section;

/* The two trees, where a comparison must follow references. */
struct option_trees {
	const struct conf *before, *after; /* borrowed; NULL when unknown */
};

typedef void option_parse(struct load *l, const struct option *o,
			  const yaml_node_t *node, void *field);
typedef bool option_equal(const struct option *o, const void *a, const void *b,
			  const struct option_trees *trees);

/* How a value looks in the file; decides schema and manual. */
enum option_form {
	OPTION_TEXT,
	OPTION_NUMBER,
	OPTION_BOOL,
	OPTION_DURATION,
	OPTION_CHOICE,
	OPTION_MAP,   /* one section */
	OPTION_LIST,  /* a list of sections */
	OPTION_NAMED, /* a map from names to sections */
};

struct option_type {
	enum option_form form;
	const char *text; /* "IP address": in the manual */
	option_parse *parse;
	option_equal *equal;
	const char *schema; /* JSON members; NULL: made from the form */
};

struct option_choice {
	const char *word; /* NULL ends the list */
	int value;
};

/* What a change of a peer's option does to its session, at a reload. */
enum option_effect {
	OPTION_NOTHING,
	OPTION_UPDATES, /* what changed is announced again or withdrawn */
	OPTION_REFRESH, /* the peer is asked to send its routes again */
	OPTION_SESSION, /* as `session` says, where not every change needs it */
};

struct option {
	const char *key;
	/* The option of this key in that section, whose struct is the first
	 * member of this one's; nothing else is said here. NULL: said here. */
	const struct section *same;
	const struct option_type *type;
	size_t offset, size; /* of the field in the section's struct */
	size_t present;      /* offset of a "was set" flag, 0: none */
	int64_t low, high;   /* limits of numbers and (in ns) durations */
	const struct option_choice *choices;
	const char *standard; /* default as written in a file, or NULL */
	const char *absent;   /* what absence means, for people */
	const char *help;
	bool required;
	bool session;              /* of a peer: a change needs a new session */
	enum option_effect effect; /* of a peer, without `session` */
	/*
	 * Shares its place with others (a union): left alone when absent,
	 * compared by hand.
	 */
	bool variant;
	const struct section *section; /* of MAP, LIST, NAMED */
};

#define OPTION_FIELD(type, member)                                             \
	.offset = offsetof(type, member), .size = sizeof(((type *)0)->member)
#define OPTION_PRESENT(type, member) .present = offsetof(type, member)

struct section {
	const struct option *options;
	size_t n;
	const char *what;         /* "a peer": for messages */
	const char *const *later; /* keys of later versions, or NULL */
	/* Keys of this section may stand here and mean nothing. NULL: none. */
	const struct section *idle;
	/* Fills fields that depend on others; `node` is NULL when absent. */
	void (*finish)(struct load *l, const yaml_node_t *node, void *base);
	/* A shorthand: one value instead of a map. NULL: none. */
	void (*scalar)(struct load *l, const yaml_node_t *node, void *base);
	bool scalar_list;          /* the shorthand may be a list too */
	const char *scalar_text;   /* "a port number" */
	const char *scalar_schema; /* JSON schema of the shorthand */
	const char *schema;        /* more JSON members of the map's schema */
	const char *name_pattern;  /* NAMED: regular expression of the keys */
	const char *name_word;     /* NAMED: "NAME", "PREFIX" */
};

#define OPTION_SECTION(table) .options = table, .n = ARRAY_LEN(table)

/* The i-th option, wherever it is said. */
const struct option *option_at(const struct section *s, size_t i);
/* NULL when there is none. */
const struct option *option_find(const struct section *s, const char *key);

/*
 * Reads a map into `base` by its table, with all defaults. `node` is NULL
 * when the section is absent and not required.
 */
void option_load(struct load *l, const struct section *s,
		 const yaml_node_t *node, void *base);

/* The first option whose values differ, NULL when all are equal. */
const struct option *option_differs(const struct section *s, const void *a,
				    const void *b,
				    const struct option_trees *trees);
/* The same for the options that need a new BGP session. */
const struct option *option_session_differs(const struct section *s,
					    const void *a, const void *b);

/* "10ms", "1h": a duration as one writes it. */
void option_duration_text(int64_t ns, struct text *out);

/* The roots of all tables: a node's file, and a scenario. */
extern const struct section section_root, section_scenario;

#endif
