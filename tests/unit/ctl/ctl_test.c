/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server.h"

static void
run_who(void *root, const struct ctl_caller *caller, const json_t *arguments,
	struct ctl_reply *reply)
{
	reply->result =
	    json_pack("{s:i,s:i,s:s}", "uid", (int)caller->uid, "pid",
		      (int)caller->pid, "user", caller->user);
}

static void
run_big(void *root, const struct ctl_caller *caller, const json_t *arguments,
	struct ctl_reply *reply)
{
	char *s = xcalloc(1, 1 << 20);

	memset(s, 'x', (1 << 20) - 1);
	reply->result = json_string(s);
	free(s);
}

static void
run_snapshot(void *root, const struct ctl_caller *caller,
	     const json_t *arguments, struct ctl_reply *reply)
{
	reply->result = json_string("snapshot");
}

/* Answers when the loop has turned a few times. */
struct promise {
	uv_timer_t timer;
	struct ctl_later *later;
};

static void
free_promise(uv_handle_t *handle)
{
	free(handle);
}

static void
keep_promise(uv_timer_t *timer)
{
	struct promise *p = (struct promise *)timer;
	struct ctl_reply reply = {.result = json_string("at last")};

	ctl_answer(p->later, &reply);
	uv_close((uv_handle_t *)timer, free_promise);
}

static void
run_later(void *root, const struct ctl_caller *caller, const json_t *arguments,
	  struct ctl_reply *reply)
{
	struct promise *p = calloc(1, sizeof(*p));
	struct server *s = root;

	p->later = ctl_later(reply);
	uv_timer_init(&s->loop, &p->timer);
	uv_timer_start(&p->timer, keep_promise, 20, 0);
}

static const struct ctl_command commands[] = {
    {"later", false, false, run_later},     {"who", false, false, run_who},
    {"big", false, false, run_big},         {"drain", true, false, run_who},
    {"monitor", false, true, run_snapshot}, {0},
};

static int
set_up(void **state)
{
	struct server *s = malloc(sizeof(*s));

	server_start(s, commands, NULL, s, -1);
	*state = s;
	return 0;
}

static int
tear_down(void **state)
{
	server_stop(*state);
	free(*state);
	return 0;
}

static void
send_text(int fd, const char *s)
{
	assert_int_equal(send(fd, s, strlen(s), MSG_NOSIGNAL), strlen(s));
}

/* Reads a line and checks that it holds `part`. */
static void
expect_line(int fd, const char *part)
{
	char *line = server_read_line(fd);

	assert_non_null(line);
	if (!strstr(line, part))
		fail_msg("%s is not in %s", part, line);
	free(line);
}

static void
expect_end(int fd)
{
	char c;

	assert_true(recv(fd, &c, 1, 0) <= 0);
	assert_true(errno != EAGAIN);
}

static void
the_server_still_answers(const struct server *s)
{
	int fd = server_connect(s->full);

	send_text(fd, "{\"command\":\"who\"}\n");
	expect_line(fd, "\"ok\":true");
	close(fd);
}

static void
callers_are_known_by_their_credentials(void **state)
{
	struct server *s = *state;
	struct ctl_client *c;
	json_t *answer;
	int uid, pid;
	const char *user;

	assert_int_equal(ctl_client_open(s->full, &c), 0);
	assert_int_equal(ctl_client_call(c, "who", NULL, &answer), 0);
	assert_int_equal(json_unpack(answer, "{s:{s:i,s:i,s:s}}", "result",
				     "uid", &uid, "pid", &pid, "user", &user),
			 0);
	assert_int_equal(uid, getuid());
	assert_int_equal(pid, getpid());
	assert_true(strlen(user) > 0);
	json_decref(answer);
	ctl_client_close(c);
}

static void
an_answer_may_come_later(void **state)
{
	struct server *s = *state;
	int fd = server_connect(s->full);

	send_text(fd, "{\"command\":\"later\"}\n{\"command\":\"who\"}\n");
	the_server_still_answers(s);
	expect_line(fd, "at last");
	expect_line(fd, "\"uid\"");
	send_text(fd, "{\"command\":\"later\"}\n");
	expect_line(fd, "at last");
	close(fd);
}

static void
who_does_not_wait_for_an_answer_is_forgotten(void **state)
{
	struct server *s = *state;
	int fd = server_connect(s->full);

	send_text(fd, "{\"command\":\"later\"}\n");
	close(fd);
	fd = server_connect(s->full);
	send_text(fd, "{\"command\":\"later\"}\n");
	expect_line(fd, "at last");
	/* And one that is still owed when the server ends. */
	send_text(fd, "{\"command\":\"later\"}\n");
	close(fd);
}

static void
sockets_have_their_modes(void **state)
{
	struct server *s = *state;
	struct stat st;

	assert_int_equal(stat(s->full, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(stat(s->read_only, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0666);
}

static void
pipelined_requests_are_answered_in_order(void **state)
{
	struct server *s = *state;
	int fd = server_connect(s->full);

	send_text(fd, "{\"command\":\"who\"}\n{\"command\":\"nope\"}\n"
		      "{\"command\":\"who\"}\n{\"comm");
	expect_line(fd, "\"ok\":true");
	expect_line(fd, "unknown-command");
	expect_line(fd, "\"ok\":true");
	send_text(fd, "and\":\"who\"}\n");
	expect_line(fd, "\"ok\":true");
	close(fd);
}

static void
a_client_that_shut_its_side_gets_its_answers(void **state)
{
	struct server *s = *state;
	int fd = server_connect(s->full);

	send_text(fd, "{\"command\":\"who\"}\n{\"command\":\"who\"}\nhalf");
	shutdown(fd, SHUT_WR);
	expect_line(fd, "\"ok\":true");
	expect_line(fd, "\"ok\":true");
	expect_end(fd);
	close(fd);
}

static void
garbage_disturbs_nobody(void **state)
{
	struct server *s = *state;
	int fd = server_connect(s->full);
	char octets[4096];

	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (char)(i * 7 + i / 256);
	octets[sizeof(octets) - 1] = '\n';
	send(fd, octets, sizeof(octets), MSG_NOSIGNAL);
	expect_line(fd, "bad-request");
	the_server_still_answers(s);
	close(fd);
}

static void
a_line_without_end_is_refused(void **state)
{
	struct server *s = *state;
	int fd = server_connect(s->full);
	char octets[1024];
	ssize_t n;
	size_t sent = 0;

	memset(octets, 'x', sizeof(octets));
	while (sent < 1 << 20) {
		n = send(fd, octets, sizeof(octets), MSG_NOSIGNAL);
		if (n < 0)
			break;
		sent += (size_t)n;
	}
	assert_true(sent < 1 << 20);
	expect_line(fd, "65536 octets");
	expect_end(fd);
	close(fd);
	the_server_still_answers(s);
}

/* Asks for much more than it reads: the server reads no more of it. */
static void
a_flood_without_reading_is_held_back(void **state)
{
	struct server *s = *state;
	int fd = server_connect(s->full);
	const char *request = "{\"command\":\"big\"}\n";
	size_t sent = 0, n = strlen(request);

	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (int idle = 0; idle < 50 && sent < 64 << 20;) {
		if (send(fd, request, n, MSG_NOSIGNAL) == (ssize_t)n) {
			sent += n;
			idle = 0;
		} else {
			idle++;
			usleep(1000);
		}
	}
	assert_true(sent < 64 << 20);
	the_server_still_answers(s);
	close(fd);
	the_server_still_answers(s);
}

static void
too_many_clients_are_refused(void **state)
{
	struct server *s = *state;
	int fds[64], extra;

	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = server_connect(s->read_only);
		send_text(fds[i], "{\"command\":\"who\"}\n");
		expect_line(fds[i], "\"ok\":true");
	}
	extra = server_connect(s->read_only);
	expect_line(extra, "too many clients");
	expect_end(extra);
	close(extra);
	the_server_still_answers(s); /* on the full socket */
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
}

static void
the_read_only_socket_refuses_writes(void **state)
{
	struct server *s = *state;
	int fd = server_connect(s->read_only);

	send_text(fd, "{\"command\":\"drain\"}\n{\"command\":\"who\"}\n");
	expect_line(fd, "\"read-only\"");
	expect_line(fd, "\"ok\":true");
	close(fd);
}

static void
the_push_socket_has_its_own_commands(void **state)
{
	static const char *const others[] = {"drain", "who", "monitor"};
	struct server *s = *state;
	int fd = server_connect(s->push);
	struct stat st;
	char line[64];

	assert_int_equal(stat(s->push, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		snprintf(line, sizeof(line), "{\"command\":\"%s\"}\n",
			 others[i]);
		send_text(fd, line);
		expect_line(fd, "\"unknown-command\"");
	}
	send_text(fd, "{\"command\":\"push\"}\n");
	expect_line(fd, "\"taken\"");
	close(fd);
}

static void
monitors_get_events(void **state)
{
	struct server *s = *state;
	struct ctl_client *c;
	json_t *line;
	int number;

	assert_int_equal(ctl_client_open(s->read_only, &c), 0);
	assert_int_equal(ctl_client_call(c, "monitor", NULL, &line), 0);
	json_decref(line);
	server_send_events(s, 3);
	for (int i = 3; i > 0; i--) {
		assert_int_equal(ctl_client_next(c, 30000, &line), 0);
		assert_int_equal(
		    json_unpack(line, "{s:{s:i}}", "event", "number", &number),
		    0);
		assert_int_equal(number, i);
		json_decref(line);
	}
	assert_int_equal(ctl_client_next(c, 0, &line), -ETIMEDOUT);
	ctl_client_close(c);
}

static void
a_monitor_that_does_not_read_is_closed(void **state)
{
	struct server *s = *state;
	int fd = server_connect(s->full);
	char octets[65536];
	size_t got = 0;
	ssize_t n;

	send_text(fd, "{\"command\":\"monitor\"}\n");
	expect_line(fd, "snapshot");
	server_send_events(s, 9000); /* about 9 MB */
	the_server_still_answers(s);
	while ((n = recv(fd, octets, sizeof(octets), 0)) > 0)
		got += (size_t)n;
	assert_true(n == 0 || errno != EAGAIN);
	assert_true(got < 6 << 20);
	close(fd);
}

static void
a_living_socket_is_not_taken_a_stale_one_is(void **state)
{
	struct server *s = *state;
	struct ctl_settings settings = {.loop = &s->loop};
	uv_loop_t loop;
	struct ctl *second;
	char stale[128], ro[128];
	int fd;

	uv_loop_init(&loop);
	settings.loop = &loop;
	settings.commands = commands;
	second = ctl_new(&settings);
	snprintf(ro, sizeof(ro), "%s/ro2", s->folder);
	assert_int_equal(ctl_listen(second, s->full, ro, NULL), -EADDRINUSE);
	the_server_still_answers(s);
	/* A file that is no socket stays. */
	snprintf(stale, sizeof(stale), "%s/file", s->folder);
	fd = open(stale, O_CREAT | O_WRONLY, 0600);
	close(fd);
	assert_int_equal(ctl_listen(second, stale, ro, NULL), -EEXIST);
	assert_int_equal(unlink(stale), 0);
	ctl_close(second, NULL, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	the_server_still_answers(s);
}

static void
clients_are_told_when_nobody_listens(void **state)
{
	struct ctl_client *c;

	assert_int_equal(ctl_client_open("/nonexistent/basin.sock", &c),
			 -ENOENT);
}

/* The other end: writes a line that never ends, for as long as it is read. */
static pid_t
endless_server(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	static const char octets[65536];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	strcpy(sun.sun_path, path);
	assert_int_equal(bind(fd, (void *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(fd, 1), 0);
	pid = fork();
	if (pid == 0) {
		int client = accept(fd, NULL, NULL);

		while (send(client, octets, sizeof(octets), MSG_NOSIGNAL) > 0)
			;
		_exit(0);
	}
	close(fd);
	return pid;
}

static void
a_line_without_end_is_given_up(void **state)
{
	char folder[] = "/tmp/basin-endless-XXXXXX", path[64];
	struct ctl_client *c;
	json_t *answer;
	pid_t pid;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/s", folder);
	pid = endless_server(path);
	assert_int_equal(ctl_client_open(path, &c), 0);
	assert_int_equal(ctl_client_call(c, "status", NULL, &answer),
			 -EMSGSIZE);
	ctl_client_close(c);
	waitpid(pid, NULL, 0);
	unlink(path);
	rmdir(folder);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(callers_are_known_by_their_credentials),
	    TEST(sockets_have_their_modes),
	    TEST(an_answer_may_come_later),
	    TEST(who_does_not_wait_for_an_answer_is_forgotten),
	    TEST(pipelined_requests_are_answered_in_order),
	    TEST(a_client_that_shut_its_side_gets_its_answers),
	    TEST(garbage_disturbs_nobody),
	    TEST(a_line_without_end_is_refused),
	    TEST(a_flood_without_reading_is_held_back),
	    TEST(too_many_clients_are_refused),
	    TEST(the_read_only_socket_refuses_writes),
	    TEST(the_push_socket_has_its_own_commands),
	    TEST(monitors_get_events),
	    TEST(a_monitor_that_does_not_read_is_closed),
	    TEST(a_living_socket_is_not_taken_a_stale_one_is),
	    cmocka_unit_test(a_line_without_end_is_given_up),
	    cmocka_unit_test(clients_are_told_when_nobody_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
