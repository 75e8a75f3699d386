/* SPDX-License-Identifier: ISC */
/*
 * Keys of TCP connections and what the kernel knows of them. What linux/tcp.h
 * has and netinet/tcp.h has not is declared here: nobody can include both.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/sys.h"

/* ---- TCP-AO: headers before Linux 6.7 lack it ---- */

#define AO_ADD_KEY    38 /* TCP_AO_ADD_KEY */
#define AO_DELETE_KEY 39 /* TCP_AO_DEL_KEY */
#define AO_KEY_MAX    80 /* TCP_AO_MAXKEYLEN */

/* struct tcp_ao_add of linux/tcp.h. */
struct ao_add {
	struct sockaddr_storage address;
	char algorithm[64];
	int32_t ifindex;
	uint32_t flags;
	uint16_t reserved;
	uint8_t prefix;
	uint8_t send_id;
	uint8_t receive_id;
	uint8_t mac_octets;
	uint8_t key_flags;
	uint8_t key_octets;
	uint8_t key[AO_KEY_MAX];
} __attribute__((aligned(8)));

/* struct tcp_ao_del of linux/tcp.h. */
struct ao_delete {
	struct sockaddr_storage address;
	int32_t ifindex;
	uint32_t flags;
	uint16_t reserved;
	uint8_t prefix;
	uint8_t send_id;
	uint8_t receive_id;
	uint8_t current_key;
	uint8_t rnext;
	uint8_t key_flags;
} __attribute__((aligned(8)));

_Static_assert(offsetof(struct ao_add, key) == 208, "as in linux/tcp.h");

static int
result(int r)
{
	if (r == 0)
		return 0;
	return errno == ENOPROTOOPT ? -EOPNOTSUPP : -errno;
}

static int
ao_set(int fd, const struct prefix *who, unsigned ifindex,
       const struct sys_tcp_key *key)
{
	struct ao_add add = {.ifindex = (int32_t)ifindex,
			     .prefix = who->len,
			     .send_id = key->send_id,
			     .receive_id = key->receive_id,
			     .mac_octets = key->mac_octets,
			     .key_octets = (uint8_t)key->n};
	int r;

	ip_to_sockaddr(&who->addr, 0, 0, &add.address);
	strncpy(add.algorithm, key->algorithm, sizeof(add.algorithm) - 1);
	memcpy(add.key, key->key, key->n);
	r = result(setsockopt(fd, IPPROTO_TCP, AO_ADD_KEY, &add, sizeof(add)));
	explicit_bzero(&add, sizeof(add));
	return r;
}

static int
ao_remove(int fd, const struct prefix *who, unsigned ifindex,
	  const struct sys_tcp_key *key)
{
	struct ao_delete del = {.ifindex = (int32_t)ifindex,
				.prefix = who->len,
				.send_id = key->send_id,
				.receive_id = key->receive_id};

	ip_to_sockaddr(&who->addr, 0, 0, &del.address);
	return result(
	    setsockopt(fd, IPPROTO_TCP, AO_DELETE_KEY, &del, sizeof(del)));
}

/* ---- MD5 ---- */

/* No octets: the key goes. */
static int
md5_set(int fd, const struct prefix *who, unsigned ifindex,
	const uint8_t *octets, size_t n)
{
	struct tcp_md5sig sig = {.tcpm_flags = TCP_MD5SIG_FLAG_PREFIX,
				 .tcpm_prefixlen = who->len,
				 .tcpm_keylen = (uint16_t)n};
	struct sockaddr_storage ss;
	int r;

	/* Only of use where links are VRFs: a key is found by its address. */
	(void)ifindex;
	ip_to_sockaddr(&who->addr, 0, 0, &ss);
	sig.tcpm_addr = ss;
	if (n)
		memcpy(sig.tcpm_key, octets, n);
	r = result(
	    setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG_EXT, &sig, sizeof(sig)));
	explicit_bzero(&sig, sizeof(sig));
	return r;
}

/* ---- either ---- */

int
sys_tcp_key_set(int fd, const struct prefix *who, unsigned ifindex,
		const struct sys_tcp_key *key)
{
	if (key->n == 0 || key->n > AO_KEY_MAX)
		return -EINVAL;
	if (key->auth == SYS_TCP_MD5)
		return md5_set(fd, who, ifindex, key->key, key->n);
	return ao_set(fd, who, ifindex, key);
}

int
sys_tcp_key_remove(int fd, const struct prefix *who, unsigned ifindex,
		   const struct sys_tcp_key *key)
{
	if (key->auth == SYS_TCP_MD5)
		return md5_set(fd, who, ifindex, NULL, 0);
	return ao_remove(fd, who, ifindex, key);
}

bool
sys_tcp_can(enum sys_tcp_auth auth)
{
	static const uint8_t octets[] = "a key that is on no wire";
	const struct sys_tcp_key key = {.auth = auth,
					.key = octets,
					.n = sizeof(octets),
					.algorithm = "hmac(sha1)",
					.mac_octets = 12};
	const struct ip loopback = ip_from_v4(0x7f000001);
	const struct prefix who = prefix_of_ip(&loopback);
	int fd, r;

	if (auth == SYS_TCP_PLAIN)
		return true;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
	if (fd < 0)
		return false;
	r = sys_tcp_key_set(fd, &who, 0, &key);
	close(fd);
	return r == 0;
}

/* struct tcp_info of linux/tcp.h, as far as it is read. */
struct info {
	struct tcp_info head; /* ends with tcpi_total_retrans */
	uint64_t pacing_rate, max_pacing_rate;
	uint64_t bytes_acked, bytes_received;
	uint32_t segs_out, segs_in;
	uint32_t notsent_bytes, min_rtt;
	uint32_t data_segs_in, data_segs_out;
	uint64_t delivery_rate;
	uint64_t busy_time, rwnd_limited, sndbuf_limited;
	uint32_t delivered, delivered_ce;
	uint64_t bytes_sent, bytes_retrans;
	uint32_t dsack_dups, reord_seen;
	uint32_t rcv_ooopack;
};

_Static_assert(offsetof(struct info, pacing_rate) == 104, "as the kernel's");
_Static_assert(offsetof(struct info, rcv_ooopack) == 224, "as the kernel's");

int
sys_tcp_look(int fd, struct sys_tcp_facts *out)
{
	struct info info = {0};
	socklen_t n = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) != 0)
		return -errno;
	*out = (struct sys_tcp_facts){
	    .unacked = info.head.tcpi_unacked,
	    .retransmits = info.head.tcpi_retransmits,
	    .retransmitted = info.head.tcpi_total_retrans,
	    .out_of_order = info.rcv_ooopack,
	    .mss = info.head.tcpi_snd_mss,
	    .octets_acked = info.bytes_acked,
	    .silence = dur_ms(info.head.tcpi_last_data_recv),
	};
	return 0;
}
