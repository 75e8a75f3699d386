/* SPDX-License-Identifier: ISC */
#include "../addresses.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/text.h"
#include "netns.h"
#include "sys/helper_wire.h"
#include "sys/nftables.h"
#include "sys/sys.h"

/* ---- one helper on one loop ---- */

struct fixture {
	uv_loop_t loop;
	struct helper *helper;
};

static void
on_gone(void *arg)
{
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct helper_settings s = {
	    .log = {.fd = 2, .level = LOG_LEVEL_ERROR, .program = "test"},
	    .user = "nobody",
	};

	uv_loop_init(&f->loop);
	assert_int_equal(helper_spawn(&s, &f->helper), 0);
	assert_int_equal(helper_attach(f->helper, &f->loop, on_gone, f), 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	helper_stop(f->helper);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	free(f);
	return 0;
}

struct result {
	int error, calls;
	struct sys_counter v[4096];
	size_t n;
};

static void
on_done(void *arg, int error)
{
	struct result *r = arg;

	r->error = error;
	r->calls++;
}

static void
on_counters(void *arg, int error, const struct sys_counter *v, size_t n)
{
	struct result *r = arg;

	on_done(arg, error);
	assert_true(n <= ARRAY_LEN(r->v));
	if (n > 0)
		memcpy(r->v, v, n * sizeof(*v));
	r->n = n;
}

static int
wait_for(struct fixture *f, int r, struct result *result)
{
	assert_int_equal(r, 0);
	while (result->calls == 0)
		uv_run(&f->loop, UV_RUN_ONCE);
	assert_int_equal(result->calls, 1);
	return result->error;
}

static int
set(struct fixture *f, const struct ip *v, size_t n)
{
	struct result r = {0};

	return wait_for(f, helper_counters_set(f->helper, v, n, on_done, &r),
			&r);
}

static int
drop(struct fixture *f, const char *address, struct dur limit)
{
	struct result r = {0};
	struct ip ip = address ? ip_of(address) : (struct ip){0};

	return wait_for(
	    f, helper_drop(f->helper, &ip, address ? 1 : 0, limit, on_done, &r),
	    &r);
}

static void
read_all(struct fixture *f, struct result *r)
{
	memset(r, 0, sizeof(*r));
	assert_int_equal(
	    wait_for(f, helper_counters_read(f->helper, on_counters, r), r), 0);
}

/* Of one address; UINT64_MAX when it is not counted. */
static struct sys_counter
count_of(struct fixture *f, const char *address)
{
	struct result r;
	struct ip ip = ip_of(address);

	read_all(f, &r);
	for (size_t i = 0; i < r.n; i++)
		if (ip_equal(&r.v[i].ip, &ip))
			return r.v[i];
	return (struct sys_counter){.packets = UINT64_MAX};
}

/* ---- packets from "another host": out of one end, in at the other ---- */

struct frame {
	uint8_t octets[128];
	size_t n;
};

static void
add_ethernet(struct frame *f, uint16_t type)
{
	memset(f->octets, 0xff, 6);
	memset(f->octets + 6, 2, 6);
	f->octets[12] = (uint8_t)(type >> 8);
	f->octets[13] = (uint8_t)type;
	f->n = 14;
}

static void
add_ipv4(struct frame *f, const struct ip *to, uint16_t size)
{
	uint8_t h[20] = {0x45, 0,  (uint8_t)(size >> 8), (uint8_t)size, 0, 0, 0,
			 0,    64, IPPROTO_UDP};
	uint32_t sum = 0;

	memcpy(h + 12, (uint8_t[]){198, 51, 100, 1}, 4);
	memcpy(h + 16, to->bytes, 4);
	for (size_t i = 0; i < sizeof(h); i += 2)
		sum += (uint32_t)h[i] << 8 | h[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	h[10] = (uint8_t)(~sum >> 8);
	h[11] = (uint8_t)~sum;
	memcpy(f->octets + f->n, h, sizeof(h));
	f->n += size;
}

static void
add_ipv6(struct frame *f, const struct ip *to, uint16_t size)
{
	uint8_t h[40] = {0x60, [5] = (uint8_t)(size - 40), IPPROTO_UDP, 64};

	memcpy(h + 8, ip_of("2001:db8:99::1").bytes, 16);
	memcpy(h + 24, to->bytes, 16);
	memcpy(f->octets + f->n, h, sizeof(h));
	f->n += size;
}

/* n packets of `size` octets each, as they would come from elsewhere. */
static void
send_packets(const char *address, unsigned n, uint16_t size)
{
	struct ip to = ip_of(address);
	struct sockaddr_ll ll = {.sll_family = AF_PACKET,
				 .sll_ifindex = (int)if_nametoindex("far"),
				 .sll_halen = 6};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	struct frame f = {0};

	if (to.family == AF_INET) {
		add_ethernet(&f, ETH_P_IP);
		add_ipv4(&f, &to, size);
	} else {
		add_ethernet(&f, ETH_P_IPV6);
		add_ipv6(&f, &to, size);
	}
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(
		    sendto(fd, f.octets, f.n, 0, (void *)&ll, sizeof(ll)), f.n);
	close(fd);
}

/* The other end takes it in another context: wait until it is counted. */
static struct sys_counter
wait_count(struct fixture *f, const char *address, uint64_t packets)
{
	struct sys_counter c = {0};

	for (int i = 0; i < 1000 && c.packets < packets; i++) {
		c = count_of(f, address);
		if (c.packets < packets)
			usleep(1000);
	}
	return c;
}

static void
make_wire(void)
{
	assert_int_equal(netns_run("ip link add near type veth peer name far "
				   "&& ip link set near up && "
				   "ip link set far up"),
			 0);
}

/* ---- counting ---- */

static void
packets_from_elsewhere_are_counted(void **state)
{
	struct fixture *f = *state;
	struct ip v[] = {ip_of("192.0.2.53"), ip_of("2001:db8::53")};
	struct sys_counter c;

	assert_int_equal(set(f, v, 2), 0);
	assert_int_equal(count_of(f, "192.0.2.53").packets, 0);
	send_packets("192.0.2.53", 7, 60);
	send_packets("192.0.2.54", 5, 60);
	send_packets("2001:db8::53", 3, 80);
	c = wait_count(f, "192.0.2.53", 7);
	assert_int_equal(c.packets, 7);
	assert_int_equal(c.octets, 7 * 60);
	c = wait_count(f, "2001:db8::53", 3);
	assert_int_equal(c.packets, 3);
	assert_int_equal(c.octets, 3 * 80);
	assert_int_equal(count_of(f, "192.0.2.54").packets, UINT64_MAX);
}

static void
our_own_packets_are_not_counted(void **state)
{
	struct fixture *f = *state;
	struct ip v[] = {ip_of("192.0.2.53")};

	assert_int_equal(netns_run("ip addr add 192.0.2.53/32 dev lo"), 0);
	assert_int_equal(set(f, v, 1), 0);
	assert_int_equal(netns_run("bash -c 'for i in 1 2 3; do echo x "
				   ">/dev/udp/192.0.2.53/9; done' 2>/dev/null"),
			 0);
	send_packets("192.0.2.53", 2, 60);
	assert_int_equal(wait_count(f, "192.0.2.53", 2).packets, 2);
	assert_int_equal(netns_run("ip addr del 192.0.2.53/32 dev lo"), 0);
}

static void
those_that_stay_keep_their_counts(void **state)
{
	struct fixture *f = *state;
	struct ip a[] = {ip_of("192.0.2.53"), ip_of("192.0.2.54")};
	struct ip b[] = {ip_of("2001:db8::53"), ip_of("192.0.2.53")};

	assert_int_equal(set(f, a, 2), 0);
	send_packets("192.0.2.53", 4, 60);
	send_packets("192.0.2.54", 4, 60);
	wait_count(f, "192.0.2.54", 4);
	assert_int_equal(set(f, b, 2), 0);
	assert_int_equal(wait_count(f, "192.0.2.53", 4).packets, 4);
	assert_int_equal(count_of(f, "192.0.2.54").packets, UINT64_MAX);
	assert_int_equal(count_of(f, "2001:db8::53").packets, 0);
	/* The same once more, with doubles. */
	b[0] = b[1];
	assert_int_equal(set(f, b, 2), 0);
	assert_int_equal(count_of(f, "192.0.2.53").packets, 4);
	assert_int_equal(count_of(f, "2001:db8::53").packets, UINT64_MAX);
}

static struct ip
numbered(size_t i)
{
	struct ip ip = ip_of(i % 2 ? "2001:db8::" : "10.0.0.0");
	size_t low = i % 2 ? 14 : 2;

	ip.bytes[low] = (uint8_t)(i >> 8);
	ip.bytes[low + 1] = (uint8_t)i;
	return ip;
}

static void
many_addresses_come_in_parts(void **state)
{
	struct fixture *f = *state;
	struct ip v[4096];
	struct result *r = calloc(1, sizeof(*r));

	for (size_t i = 0; i < ARRAY_LEN(v); i++)
		v[i] = numbered(i);
	assert_int_equal(set(f, v, ARRAY_LEN(v)), 0);
	send_packets("10.0.15.254", 2, 60);
	wait_count(f, "10.0.15.254", 2);
	read_all(f, r);
	assert_int_equal(r->n, ARRAY_LEN(v));
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].packets != 0)
			assert_int_equal(ip_to_v4(&r->v[i].ip), 0x0a000ffe);
	assert_int_equal(
	    helper_counters_set(f->helper, v, ARRAY_LEN(v) + 1, NULL, NULL),
	    -E2BIG);
	assert_int_equal(set(f, v, 3), 0);
	read_all(f, r);
	assert_int_equal(r->n, 3);
	free(r);
}

static void
nothing_to_count_is_no_table(void **state)
{
	struct fixture *f = *state;
	struct ip ip = ip_of("192.0.2.53");
	struct result r;

	assert_int_equal(set(f, NULL, 0), 0);
	read_all(f, &r);
	assert_int_equal(r.n, 0);
	assert_int_equal(set(f, &ip, 1), 0);
	assert_int_equal(netns_run("nft list table inet basin >/dev/null"), 0);
	assert_int_equal(set(f, NULL, 0), 0);
	assert_int_not_equal(
	    netns_run("nft list table inet basin >/dev/null 2>&1"), 0);
}

/* The kernel refuses everybody else; counts go on. */
static void
a_flush_of_the_ruleset_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct ip ip = ip_of("192.0.2.53");

	assert_int_equal(set(f, &ip, 1), 0);
	send_packets("192.0.2.53", 2, 60);
	wait_count(f, "192.0.2.53", 2);
	assert_int_equal(netns_run("nft flush ruleset"), 0);
	assert_int_not_equal(netns_run("nft delete table inet basin "
				       "2>/dev/null"),
			     0);
	send_packets("192.0.2.53", 2, 60);
	assert_int_equal(wait_count(f, "192.0.2.53", 4).packets, 4);
}

static void
two_nodes_count_in_one_namespace(void **state)
{
	struct fixture *f = *state, *g;
	struct ip ip = ip_of("192.0.2.53");
	void *other;

	assert_int_equal(setup(&other), 0);
	g = other;
	assert_int_equal(set(f, &ip, 1), 0);
	assert_int_equal(set(g, &ip, 1), 0);
	send_packets("192.0.2.53", 2, 60);
	assert_int_equal(wait_count(f, "192.0.2.53", 2).packets, 2);
	assert_int_equal(wait_count(g, "192.0.2.53", 2).packets, 2);
	assert_int_equal(teardown(&other), 0);
	send_packets("192.0.2.53", 1, 60);
	assert_int_equal(wait_count(f, "192.0.2.53", 3).packets, 3);
}

/* ---- dropping ---- */

/* Does a packet to the address, from here, arrive at a socket? */
static bool
arrives(const char *address)
{
	struct ip ip = ip_of(address);
	struct sockaddr_in sin = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct timeval wait = {.tv_usec = 20000};
	socklen_t n = sizeof(sin);
	char octet = 0;
	ssize_t r;

	memcpy(&sin.sin_addr, ip.bytes, 4);
	assert_int_equal(bind(fd, (void *)&sin, sizeof(sin)), 0);
	getsockname(fd, (void *)&sin, &n);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	sendto(fd, &octet, 1, 0, (void *)&sin, sizeof(sin));
	r = recv(fd, &octet, 1, 0);
	close(fd);
	return r == 1;
}

static void
a_drop_ends_when_told_or_at_its_limit(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(drop(f, NULL, dur_ms(0)), 0);
	assert_int_equal(netns_run("ip addr add 192.0.2.53/32 dev lo"), 0);
	assert_true(arrives("192.0.2.53"));
	assert_int_equal(drop(f, "192.0.2.53", dur_s(60)), 0);
	assert_false(arrives("192.0.2.53"));
	assert_true(arrives("127.0.0.1"));
	assert_int_equal(drop(f, NULL, dur_ms(0)), 0);
	assert_true(arrives("192.0.2.53"));
	assert_int_equal(drop(f, "192.0.2.53", dur_ms(100)), 0);
	for (int i = 0; i < 500 && !arrives("192.0.2.53"); i++)
		usleep(10000);
	assert_true(arrives("192.0.2.53"));
	assert_int_equal(netns_run("ip addr del 192.0.2.53/32 dev lo"), 0);
}

static void
what_is_never_allowed_is_refused(void **state)
{
	struct fixture *f = *state;
	struct ip loopback = ip_of("127.0.0.1"), none = {0};
	struct ip multicast = ip_of("ff02::1");

	assert_int_equal(set(f, &loopback, 1), -EINVAL);
	assert_int_equal(set(f, &none, 1), -EINVAL);
	assert_int_equal(set(f, &multicast, 1), -EINVAL);
	assert_int_equal(drop(f, "127.0.0.1", dur_s(1)), -EINVAL);
	assert_int_equal(drop(f, "0.0.0.0", dur_s(1)), -EINVAL);
}

/* ---- the end ---- */

static void
a_killed_helper_leaves_nothing(void **state)
{
	void *one;
	struct fixture *f;
	struct ip ip = ip_of("192.0.2.53");
	pid_t pid;

	assert_int_equal(setup(&one), 0);
	f = one;
	assert_int_equal(set(f, &ip, 1), 0);
	assert_int_equal(drop(f, "192.0.2.53", dur_s(600)), 0);
	pid = helper_pid(f->helper);
	assert_true(pid > 1);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(netns_run("test -z \"$(nft list ruleset)\""), 0);
	teardown(&one);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(packets_from_elsewhere_are_counted),
	    T(our_own_packets_are_not_counted),
	    T(those_that_stay_keep_their_counts),
	    T(many_addresses_come_in_parts),
	    T(nothing_to_count_is_no_table),
	    T(a_flush_of_the_ruleset_changes_nothing),
	    T(two_nodes_count_in_one_namespace),
	    T(a_drop_ends_when_told_or_at_its_limit),
	    T(what_is_never_allowed_is_refused),
	    cmocka_unit_test(a_killed_helper_leaves_nothing),
	};

	netns_enter();
	make_wire();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
