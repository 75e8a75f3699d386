/* SPDX-License-Identifier: ISC */
/*
 * The control protocol and the HTTP server: how people and programs talk to
 * a running basind. The table of commands is given at construction; ctl knows
 * the framing, the limits and who may do what, nothing of their meaning.
 *
 * Protocol: one JSON object per line, both ways, UTF-8, at most 64 KiB a
 * request.   {"command": "show checks", "arguments": {"name": "dns"}}
 * Answer:    {"ok": true, "result": ...}
 *            {"ok": false, "error": {"code": "not-found", "message": "..."}}
 * `monitor` answers with {"ok": true, "result": <snapshot>} and then one
 * {"event": ...} line per change until the client closes.
 */
#ifndef BASIN_CTL_CTL_H
#define BASIN_CTL_CTL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "base/log.h"
#include "base/text.h"

#define CTL_REQUEST_MAX 65536

/* Who asks: from the socket's peer credentials. */
struct ctl_caller {
	uid_t uid;
	pid_t pid;
	char user[64];  /* name, or "uid 1000" */
	bool read_only; /* came by the read-only socket */
};

/* Error codes a command may answer with; the CLI maps them to exit codes. */
#define CTL_ERRORS(X)                                                          \
	X(BAD_REQUEST, "bad-request")                                          \
	X(UNKNOWN_COMMAND, "unknown-command")                                  \
	X(READ_ONLY, "read-only")                                              \
	X(NOT_FOUND, "not-found")                                              \
	X(REFUSED, "refused")                                                  \
	X(CONFIGURATION, "configuration")                                      \
	X(FAILED, "failed")

enum ctl_error {
	CTL_OK,
#define X(n, t) CTL_ERROR_##n,
	CTL_ERRORS(X)
#undef X
	    CTL_ERROR_COUNT
};
const char *ctl_error_text(enum ctl_error e);

struct ctl_later; /* an answer that is still owed */

struct ctl_reply {
	json_t *result; /* owned by the reply; NULL on error */
	enum ctl_error error;
	struct text message;     /* for people, on error */
	struct ctl_later *later; /* set by ctl_later() only */
};

/*
 * For a command that cannot answer before something was stored: what run()
 * leaves in `reply` is not looked at, ctl_answer() says it. The client's next
 * request waits meanwhile.
 */
struct ctl_later *ctl_later(struct ctl_reply *reply)
    __attribute__((warn_unused_result));
/*
 * Once for each ctl_later(), from the loop and not inside run(). Takes over
 * what is in `reply`. The client may have gone.
 */
void ctl_answer(struct ctl_later *later, struct ctl_reply *reply);

struct ctl_command {
	const char *name; /* "show checks" */
	bool writes;      /* not on the read-only socket */
	bool streams;     /* monitor: the connection stays and gets events */
	/* arguments: object, borrowed, never NULL. */
	void (*run)(void *root, const struct ctl_caller *caller,
		    const json_t *arguments, struct ctl_reply *reply);
};

/*
 * One HTTP path. Either `render` makes the whole body at once and returns the
 * status code, or (render NULL) the body comes in pieces, one a loop turn, so
 * that a long one does not stall the loop; its status is 200.
 */
struct ctl_page {
	const char *path; /* "/metrics" */
	const char *content_type;
	unsigned (*render)(void *root, struct text *body);
	/* State of one answer, owned by the caller until end(). */
	void *(*begin)(void *root);
	/* Adds the next piece; 1: more follows, 0: that was all, or -errno. */
	int (*more)(void *state, struct text *body);
	void (*end)(void *state);
};

struct ctl_settings {
	uv_loop_t *loop; /* borrowed, as all below */
	struct log *log;
	const struct ctl_command *commands; /* ends with name NULL */
	/* All there is on the push socket; NULL when there is none. */
	const struct ctl_command *push_commands;
	const struct ctl_page *pages; /* ends with path NULL */
	void *root;                   /* first argument of the above */
};

struct ctl;
struct ctl *ctl_new(const struct ctl_settings *s);
/*
 * Clients go while they are written to: the process ignores SIGPIPE.
 * Creates both sockets (mode 0660 full, 0666 read-only; parent directory must
 * exist). A stale socket file is replaced, a living daemon's is not
 * (-EADDRINUSE). Call before sandbox_enter(). 0 or -errno, logged.
 */
int ctl_listen(struct ctl *ctl, const char *path, const char *read_only_path,
	       const char *group) __attribute__((warn_unused_result));
/*
 * A third socket (mode 0660) for the push_commands and nothing else. As above.
 */
int ctl_listen_push(struct ctl *ctl, const char *path, const char *group)
    __attribute__((warn_unused_result));
/*
 * HTTP on these endpoints; descriptors already listening, taken over. Loads
 * the module ctl_http on first use. 0 or -errno (logged).
 */
int ctl_http_start(struct ctl *ctl, const int *fds, size_t n)
    __attribute__((warn_unused_result));
/*
 * A hot upgrade: every listening socket, `fd` borrowed, until `each` is not 0;
 * and the other side, which takes `fd` over and unlinks `path` at its end.
 */
enum ctl_socket { CTL_FULL, CTL_READ_ONLY, CTL_PUSH, CTL_HTTP };
#define CTL_HTTP_MAX 16
typedef int ctl_listener_fn(void *arg, enum ctl_socket socket, const char *path,
			    int fd);
int ctl_each_listener(struct ctl *ctl, ctl_listener_fn *each, void *arg)
    __attribute__((warn_unused_result));
int ctl_adopt(struct ctl *ctl, enum ctl_socket socket, const char *path, int fd)
    __attribute__((warn_unused_result));
/* Is any `monitor` there? Saves making events for nobody. */
bool ctl_watched(const struct ctl *ctl);
/* Sends an event line to every `monitor` (takes over the reference). */
void ctl_event(struct ctl *ctl, json_t *event);
/* Closes everything and unlinks the socket files. */
void ctl_close(struct ctl *ctl, void (*closed)(void *arg), void *arg);

/* ---- client side, for basin ---- */

struct ctl_client;
int ctl_client_open(const char *path, struct ctl_client **out)
    __attribute__((warn_unused_result));
/* Sends a request and waits (at most 10 s) for its answer; *answer is owned. */
int ctl_client_call(struct ctl_client *c, const char *command,
		    json_t *arguments, json_t **answer)
    __attribute__((warn_unused_result));
/*
 * Next line of a stream; timeout_ms < 0 waits for ever; -EPIPE at its end.
 * Both: -EPROTO for what is no JSON, -EMSGSIZE for a line without end.
 */
int ctl_client_next(struct ctl_client *c, int timeout_ms, json_t **event)
    __attribute__((warn_unused_result));
void ctl_client_close(struct ctl_client *c);

#endif
