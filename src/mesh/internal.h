/* SPDX-License-Identifier: ISC */
/* What the files of mesh/ share. */
#ifndef BASIN_MESH_INTERNAL_H
#define BASIN_MESH_INTERNAL_H

#include "mesh/auth.h"
#include "mesh/mesh.h"
#include "mesh/message.h"
#include "mesh/promise.h"
#include "mesh/session.h"
#include "mesh/state_file.h"

#define MESH_SILENT dur_s(5) /* then a node counts as not heard */

/* What a node said of a prefix. */
struct said {
	enum message_state state;
	struct mono at; /* MONO_NEVER: nothing */
	char text[MESSAGE_TEXT_MAX];
};

struct mesh_node {
	char name[MESSAGE_NAME_MAX + 1];
	struct ip address;
	uint16_t port;
	uint8_t *key; /* owned */
	size_t key_len;
	bool higher;       /* its rank: names in their order */
	struct mono known; /* configured since */
	struct session session;
	struct said *said; /* owned; one a brake */
};

struct mesh_brake {
	size_t id; /* index into conf->prefixes */
	struct prefix prefix;
	struct promise promise;
	enum mesh_state state;
	char text[MESSAGE_TEXT_MAX];
	bool changed; /* the nodes are to be told */
	bool due;     /* is asked for in this turn */
	uint64_t attempts, granted, refused;
};

/* Every configured prefix, sorted. */
struct mesh_prefix {
	struct prefix prefix;
	size_t brake; /* SIZE_MAX: none */
};

struct mesh_socket {
	uv_udp_t udp; /* data: the mesh */
	struct conf_endpoint at;
	bool open;
};

struct mesh {
	struct mesh_settings settings;
	const struct mesh_auth_module *auth; /* NULL: not loaded */
	char name[MESSAGE_NAME_MAX + 1];
	uint64_t boot, sequence, attempts;
	struct dur interval;
	struct mono next_interval;

	struct mesh_node *nodes; /* owned, sorted by name */
	size_t n_nodes;
	struct mesh_brake *brakes; /* owned, sorted by prefix */
	size_t n_brakes;
	struct mesh_prefix *prefixes; /* owned */
	size_t n_prefixes;
	size_t *by_id; /* owned: brake of each configured prefix */
	size_t turn;   /* the brake whose state is told next */
	/* Until then prefixes that are not configured may be ones that were. */
	struct mono removed_until;

	struct mesh_socket **sockets; /* owned, each */
	size_t n_sockets;
	uv_timer_t *timer; /* owned */
	bool soon;         /* it fires in the next turn */
	struct state_file file;

	uint64_t sent, lost, received;
	uint64_t discarded[SESSION_CAUSE_COUNT];
	struct log_limit complaints[SESSION_CAUSE_COUNT];
	char silent[256]; /* the alarm's list as it stands */
	uint8_t buffer[2048];
};

/* mesh.c */
/* What is due is looked at once in the next turn, whoever asks for it. */
void mesh_soon(struct mesh *m);
/* The brake of a prefix; NULL when there is none. */
struct mesh_brake *mesh_find(struct mesh *m, const struct prefix *p,
			     bool *configured);
void mesh_apply(struct mesh *m, struct mesh_brake *b, enum promise_action a);

/* link.c: sockets, tags and sessions */
void link_configure(struct mesh *m, const struct conf_mesh *conf);
/* Tries again what could not be bound. */
void link_retry(struct mesh *m);
void link_close(struct mesh *m);
void link_send(struct mesh *m, struct mesh_node *n,
	       const struct message_body *body);
void link_hello(struct mesh *m, struct mesh_node *n);
uint64_t link_random(void);

/* talk.c: what messages say */
void talk_received(struct mesh *m, size_t node, struct message *message);
/* Asks for every brake that is due. */
void talk_ask(struct mesh *m);
/* Tells the nodes of changed brakes, or of the next few of all. */
void talk_changes(struct mesh *m);
void talk_turn(struct mesh *m);

#endif
