/* SPDX-License-Identifier: ISC */
/*
 * HTTP and HTTPS with libcurl's multi interface on our loop: curl says which
 * sockets and which timer it wants, we say what is ready.
 *
 *   start: easy handle --> multi --> sockets and timer --> CURLMSG_DONE
 *            --> [regular expression in a thread] --> judge, done
 *
 * Every run is a fresh connection with its own easy handle, so nothing is
 * held while a check is idle. The run is ended (end) before its result is
 * told, and curl is never called from within one of its callbacks.
 */
#include "check/kind.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "check/http_judge.h"
#include "check/http_match.h"
#include "check/http_transfer.h"
#include "check/io.h"
#include "check/sock.h"

/*
 * After a name server did not answer in time it is left alone for this long:
 * each question holds a thread until the resolver itself gives up.
 */
#define RESOLVER_PAUSE dur_s(5)
/* Foreign octets shown in a message, after escaping. */
#define SHOWN_MAX 100

/* One for all http checks of a scheduler. */
struct shared {
	CURLM *multi; /* owned; NULL once closed */
	uv_timer_t timer;
	struct io_set *io; /* borrowed */
};

struct run {
	struct http_transfer *t; /* owned; NULL while idle */
	struct mono ask_again;   /* not the name server before */
	/* Owned; one that outlived its run stays until it is done. */
	struct http_match *match;
	struct io_watch watch; /* of match's descriptor */
};

/* ---- curl asks for sockets and time ---- */

static void harvest(struct shared *s);

static void
on_ready(struct io_watch *watch, unsigned ready)
{
	struct shared *s = watch->arg;
	int running;

	curl_multi_socket_action(s->multi, watch->fd,
				 (ready & IO_READ ? CURL_CSELECT_IN : 0) |
				     (ready & IO_WRITE ? CURL_CSELECT_OUT : 0),
				 &running);
	harvest(s);
}

static void
on_timer(uv_timer_t *timer)
{
	struct shared *s = timer->data;
	int running;

	curl_multi_socket_action(s->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	harvest(s);
}

static int
want_timer(CURLM *multi, long ms, void *arg)
{
	struct shared *s = arg;

	if (ms < 0)
		uv_timer_stop(&s->timer);
	else
		uv_timer_start(&s->timer, on_timer, (uint64_t)ms, 0);
	return 0;
}

static void
forget_socket(struct shared *s, curl_socket_t fd, struct io_watch *watch)
{
	if (!watch)
		return;
	io_forget(s->io, watch);
	free(watch);
	curl_multi_assign(s->multi, fd, NULL);
}

static int
want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *mine)
{
	struct shared *s = arg;
	struct io_watch *watch = mine;

	if (what == CURL_POLL_REMOVE) {
		forget_socket(s, fd, watch);
		return 0;
	}
	if (!watch) {
		watch = xcalloc(1, sizeof(*watch));
		*watch = (struct io_watch){fd, 0, on_ready, s};
		curl_multi_assign(s->multi, fd, watch);
	}
	/*
	 * An error told to curl would end all transfers for good. Without a
	 * watch this one run ends by its timeout.
	 */
	if (io_want(s->io, watch,
		    (what & CURL_POLL_IN ? IO_READ : 0) |
			(what & CURL_POLL_OUT ? IO_WRITE : 0)))
		io_forget(s->io, watch);
	return 0;
}

static int
open_shared(struct io_set *io, uv_loop_t *loop, void **shared)
{
	struct shared *s;

	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return -ENOMEM;
	s = xcalloc(1, sizeof(*s));
	s->io = io;
	s->multi = curl_multi_init();
	if (!s->multi) {
		free(s);
		return -ENOMEM;
	}
	s->timer.data = s;
	uv_timer_init(loop, &s->timer);
	curl_multi_setopt(s->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(s->multi, CURLMOPT_SOCKETDATA, s);
	curl_multi_setopt(s->multi, CURLMOPT_TIMERFUNCTION, want_timer);
	curl_multi_setopt(s->multi, CURLMOPT_TIMERDATA, s);
	/* Connections are never reused: keep none. */
	curl_multi_setopt(s->multi, CURLMOPT_MAXCONNECTS, 1L);
	*shared = s;
	return 0;
}

static void
free_shared(uv_handle_t *handle)
{
	free(handle->data);
}

static void
close_shared(void *shared)
{
	struct shared *s = shared;

	curl_multi_cleanup(s->multi);
	s->multi = NULL;
	uv_timer_stop(&s->timer);
	uv_close((uv_handle_t *)&s->timer, free_shared);
}

/* ---- the end of a run ---- */

/* Looks no longer; what still goes on is kept, so that it stays one. */
static void
leave_match(struct check *check)
{
	struct run *run = check_run(check);
	int rc;

	if (!run->match)
		return;
	io_forget(check_io(check), &run->watch);
	if (http_match_done(run->match, &rc)) {
		http_match_drop(run->match);
		run->match = NULL;
	}
}

static void
end(struct check *check)
{
	struct shared *s = check_shared(check);
	struct run *run = check_run(check);

	leave_match(check);
	curl_multi_remove_handle(s->multi, run->t->easy);
	http_transfer_free(run->t);
	run->t = NULL;
}

/* The name server is what the run waits for. */
static bool
is_resolving(struct check *check)
{
	const struct http_transfer *t = ((struct run *)check_run(check))->t;

	return t->by_name && !t->reached;
}

static bool
is_local(struct check *check)
{
	const struct run *run = check_run(check);

	return run->match || is_resolving(check);
}

static void
cancel(struct check *check)
{
	struct run *run = check_run(check);

	if (is_resolving(check))
		run->ask_again = mono_add(mono_now(), RESOLVER_PAUSE);
	end(check);
}

/* "http://www.example/ at 192.0.2.1", for people. */
static const char *
place(struct check *check, char *buf)
{
	const struct conf_check *conf = check_conf(check);
	char ip[IP_TEXT_MAX];
	size_t n;

	text_escape(conf->http.url, strlen(conf->http.url), buf, SHOWN_MAX);
	if (ip_is_none(&conf->target))
		return buf;
	n = strlen(buf);
	snprintf(buf + n, CHECK_DETAIL_MAX - n, " at %s",
		 ip_format(&conf->target, ip, sizeof(ip)));
	return buf;
}

static const struct {
	CURLcode code;
	enum check_verdict verdict;
	enum check_cause cause;
} errors[] = {
    {CURLE_COULDNT_RESOLVE_HOST, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL},
    {CURLE_URL_MALFORMAT, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL},
    {CURLE_UNSUPPORTED_PROTOCOL, CHECK_FAIL, CHECK_CAUSE_ANSWER},
    {CURLE_INTERFACE_FAILED, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL},
    {CURLE_SSL_CACERT_BADFILE, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL},
    {CURLE_SSL_CERTPROBLEM, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL},
    {CURLE_SSL_ENGINE_INITFAILED, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL},
    {CURLE_OUT_OF_MEMORY, CHECK_UNKNOWN, CHECK_CAUSE_RESOURCES},
    {CURLE_FAILED_INIT, CHECK_UNKNOWN, CHECK_CAUSE_RESOURCES},
    {CURLE_COULDNT_CONNECT, CHECK_FAIL, CHECK_CAUSE_UNREACHABLE},
    {CURLE_OPERATION_TIMEDOUT, CHECK_FAIL, CHECK_CAUSE_TIMEOUT},
    {CURLE_PEER_FAILED_VERIFICATION, CHECK_FAIL, CHECK_CAUSE_CERTIFICATE},
    {CURLE_SSL_ISSUER_ERROR, CHECK_FAIL, CHECK_CAUSE_CERTIFICATE},
    {CURLE_SSL_CONNECT_ERROR, CHECK_FAIL, CHECK_CAUSE_TLS},
    {CURLE_SSL_CIPHER, CHECK_FAIL, CHECK_CAUSE_TLS},
    {CURLE_GOT_NOTHING, CHECK_FAIL, CHECK_CAUSE_CLOSED},
    {CURLE_PARTIAL_FILE, CHECK_FAIL, CHECK_CAUSE_CLOSED},
    {CURLE_RECV_ERROR, CHECK_FAIL, CHECK_CAUSE_CLOSED},
    {CURLE_SEND_ERROR, CHECK_FAIL, CHECK_CAUSE_CLOSED},
};

/* A socket that could not be made, bound or connected; 0 when none. */
static int
connect_error(const struct http_transfer *t, CURLcode code)
{
	long os_error = 0;

	if (code != CURLE_COULDNT_CONNECT)
		return 0;
	if (t->socket_error)
		return t->socket_error;
	curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &os_error);
	return (int)os_error;
}

static void
judge_error(struct check *check, const struct http_transfer *t, CURLcode code,
	    struct judgement *out)
{
	const char *said = t->error[0] ? t->error : curl_easy_strerror(code);
	char where[CHECK_DETAIL_MAX], why[SHOWN_MAX];
	enum check_verdict verdict = CHECK_FAIL;
	enum check_cause cause = CHECK_CAUSE_ANSWER;
	int error = connect_error(t, code);

	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		if (errors[i].code == code) {
			verdict = errors[i].verdict;
			cause = errors[i].cause;
		}
	}
	if (error) {
		sock_judge(error, &verdict, &cause);
		sock_error_text(error, why, sizeof(why));
	} else {
		text_escape(said, strlen(said), why, sizeof(why));
	}
	judge(out, verdict, cause, "%.130s: %s", place(check, where), why);
}

/* "Expire date:..." of the server's own certificate, or NULL. */
static const char *
expire_date(const struct http_transfer *t)
{
	static const char name[] = "Expire date:";
	struct curl_certinfo *info = NULL;

	curl_easy_getinfo(t->easy, CURLINFO_CERTINFO, &info);
	if (!info || info->num_of_certs < 1)
		return NULL;
	for (struct curl_slist *l = info->certinfo[0]; l; l = l->next) {
		if (strncmp(l->data, name, sizeof(name) - 1) == 0)
			return l->data + sizeof(name) - 1;
	}
	return NULL;
}

static bool
judge_expiry(const struct conf_http *http, const struct http_transfer *t,
	     struct judgement *out)
{
	const char *date = expire_date(t);
	char left[32], wanted[32];
	struct dur d;
	time_t end;

	if (!http->tls.enabled || !http->tls.expiry.ns)
		return true;
	end = date ? curl_getdate(date, NULL) : -1;
	if (end == -1)
		return judge(out, CHECK_FAIL, CHECK_CAUSE_CERTIFICATE,
			     "no certificate with a readable end of validity");
	d = dur_s(end - wall_now().ns / 1000000000);
	if (d.ns >= http->tls.expiry.ns)
		return true;
	if (d.ns < 0)
		return judge(out, CHECK_FAIL, CHECK_CAUSE_CERTIFICATE,
			     "certificate expired %s ago",
			     dur_format(dur_ns(-d.ns), left, sizeof(left)));
	return judge(out, CHECK_FAIL, CHECK_CAUSE_CERTIFICATE,
		     "certificate expires in %s, expected at least %s",
		     dur_format(d, left, sizeof(left)),
		     dur_format(http->tls.expiry, wanted, sizeof(wanted)));
}

static void
judge_answer(struct check *check, const struct text *body, int match,
	     struct judgement *out)
{
	const struct conf_http *http = &check_conf(check)->http;
	const struct http_transfer *t = ((struct run *)check_run(check))->t;
	struct http_answer a = {
	    .headers = text_str(&t->head),
	    .headers_len = t->head.len,
	    .body = text_str(body),
	    .body_len = body->len,
	    .cut = t->cut,
	    .match = match,
	};

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &a.status);
	if (judge_expiry(http, t, out))
		http_judge(http, &a, out);
}

static void
judged(struct check *check, const struct judgement *j)
{
	end(check);
	check_done(check, j->verdict, j->cause, "%s", j->detail);
}

static void
on_matched(struct io_watch *watch, unsigned ready)
{
	struct check *check = watch->arg;
	struct run *run = check_run(check);
	struct judgement j;
	int rc;

	if (!http_match_done(run->match, &rc))
		return;
	judge_answer(check, http_match_body(run->match), rc, &j);
	judged(check, &j);
}

static void
match_in_thread(struct check *check, const char *pattern)
{
	struct run *run = check_run(check);
	struct judgement j;

	run->match = http_match_start(pattern, &run->t->body);
	if (run->match) {
		run->watch = (struct io_watch){http_match_fd(run->match), 0,
					       on_matched, check};
		if (!io_want(check_io(check), &run->watch, IO_READ))
			return;
	}
	judge(&j, CHECK_UNKNOWN, CHECK_CAUSE_RESOURCES,
	      "no thread to match the body with body_regex");
	judged(check, &j);
}

static void
answered(struct check *check)
{
	const char *pattern = check_conf(check)->http.body_regex;
	const struct text *body = &((struct run *)check_run(check))->t->body;
	struct judgement j;
	int match = 0;

	if (pattern && !http_match_is_short(pattern, body->len)) {
		match_in_thread(check, pattern);
		return;
	}
	if (pattern)
		match = http_judge_match(pattern, text_str(body), body->len);
	judge_answer(check, body, match, &j);
	judged(check, &j);
}

static void
finish(struct check *check, CURLcode code)
{
	const struct http_transfer *t = ((struct run *)check_run(check))->t;
	int bind_error = t->bind_error;
	struct judgement j;

	/* CURLE_WRITE_ERROR: we stopped it ourselves, enough was read. */
	if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && t->cut)) {
		answered(check);
		return;
	}
	judge_error(check, t, code, &j);
	if (!bind_error) {
		judged(check, &j);
		return;
	}
	end(check);
	sock_source_done(check, bind_error);
}

/* Ends what curl has ended. A report may close all: then multi is NULL. */
static void
harvest(struct shared *s)
{
	CURLMsg *message;
	int left;

	while (s->multi && (message = curl_multi_info_read(s->multi, &left))) {
		char *check = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
				  &check);
		finish((struct check *)check, message->data.result);
	}
}

/* ---- the kind ---- */

static void
not_started(struct check *check, enum check_cause cause, const char *why)
{
	char where[CHECK_DETAIL_MAX];

	check_done(check, CHECK_UNKNOWN, cause, "%.130s: %s",
		   place(check, where), why);
}

/* Why no run can be made now, or NULL. */
static const char *
obstacle(struct check *check, const struct http_transfer *t)
{
	struct run *run = check_run(check);

	leave_match(check);
	if (run->match)
		return "body_regex is still at the answer before";
	if (!t)
		return "cannot be asked for";
	if (t->by_name && mono_before(mono_now(), run->ask_again))
		return "the name server did not answer lately";
	return NULL;
}

static void
start(struct check *check)
{
	struct shared *s = check_shared(check);
	struct run *run = check_run(check);
	struct http_transfer *t = http_transfer_new(check);
	const char *why = obstacle(check, t);

	if (why) {
		if (t)
			http_transfer_free(t);
		not_started(check, CHECK_CAUSE_LOCAL, why);
		return;
	}
	run->t = t;
	if (curl_multi_add_handle(s->multi, t->easy)) {
		end(check);
		not_started(check, CHECK_CAUSE_RESOURCES, "no memory");
	}
}

static void
destroy(struct check *check)
{
	http_match_drop(((struct run *)check_run(check))->match);
}

static const char *
waits_for(struct check *check, char *buf)
{
	char where[CHECK_DETAIL_MAX];

	if (!is_local(check))
		return place(check, buf);
	snprintf(buf, CHECK_DETAIL_MAX, "%s for %.150s",
		 is_resolving(check) ? "name server" : "body_regex",
		 place(check, where));
	return buf;
}

const struct check_kind check_http_kind = {
    .name = "http",
    .run_size = sizeof(struct run),
    .start = start,
    .cancel = cancel,
    .destroy = destroy,
    .waits_for = waits_for,
    .is_local = is_local,
    .open = open_shared,
    .close = close_shared,
};
