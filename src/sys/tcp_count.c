/* SPDX-License-Identifier: ISC */
/* What the kernel counts and knows of the links, read without privilege. */
#include <fcntl.h>
#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/sys.h"

/* Two lines of numbers and two of names: a few KB. */
#define COUNTS_MAX 16384

static const struct {
	const char *name;
	size_t offset;
} counters[] = {
    {"TCPMD5Failure", offsetof(struct sys_tcp_counts, wrong_key)},
    {"TCPAOBad", offsetof(struct sys_tcp_counts, wrong_key)},
    {"TCPMD5NotFound", offsetof(struct sys_tcp_counts, no_key)},
    {"TCPAORequired", offsetof(struct sys_tcp_counts, no_key)},
    {"TCPMD5Unexpected", offsetof(struct sys_tcp_counts, unexpected_key)},
    {"TCPAOKeyNotFound", offsetof(struct sys_tcp_counts, unexpected_key)},
    {"TCPMinTTLDrop", offsetof(struct sys_tcp_counts, too_far)},
};

static void
add(struct sys_tcp_counts *out, const char *name, const char *value)
{
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		if (strcmp(counters[i].name, name) == 0)
			*(uint32_t *)((char *)out + counters[i].offset) +=
			    (uint32_t)strtoul(value, NULL, 10);
}

/* "TcpExt: NAME ..." and, in the next line, "TcpExt: VALUE ...". */
static void
read_pair(char *names, char *values, struct sys_tcp_counts *out)
{
	char *n_save, *v_save;
	char *name = strtok_r(names, " ", &n_save);
	char *value = strtok_r(values, " ", &v_save);

	while (name && value) {
		add(out, name, value);
		name = strtok_r(NULL, " ", &n_save);
		value = strtok_r(NULL, " ", &v_save);
	}
}

static void
read_all(char *text, struct sys_tcp_counts *out)
{
	char *names = strstr(text, "TcpExt:"), *values, *end;

	values = names ? strchr(names, '\n') : NULL;
	if (!values)
		return;
	*values++ = '\0';
	end = strchr(values, '\n');
	if (end)
		*end = '\0';
	read_pair(names, values, out);
}

void
sys_tcp_count(struct sys_tcp_counts *out)
{
	int fd = open("/proc/net/netstat", O_RDONLY | O_CLOEXEC);
	char *text = fd < 0 ? NULL : calloc(1, COUNTS_MAX);
	size_t at = 0;
	ssize_t n;

	*out = (struct sys_tcp_counts){0};
	while (text && at < COUNTS_MAX - 1) {
		n = read(fd, text + at, COUNTS_MAX - 1 - at);
		if (n <= 0)
			break;
		at += (size_t)n;
	}
	if (text)
		read_all(text, out);
	free(text);
	if (fd >= 0)
		close(fd);
}

/* ---- links ---- */

static uint8_t
mask_length(const struct sockaddr *mask)
{
	struct sockaddr_storage ss = {0};
	struct ip ip;
	uint8_t n = 0;

	memcpy(&ss, mask,
	       mask->sa_family == AF_INET ? sizeof(struct sockaddr_in)
					  : sizeof(struct sockaddr_in6));
	ip_from_sockaddr(&ss, &ip);
	for (size_t i = 0; i < ip_octets(ip.family); i++)
		n = (uint8_t)(n + __builtin_popcount(ip.bytes[i]));
	return n;
}

static bool
has_in_network(const struct ifaddrs *a, const struct ip *ip)
{
	struct sockaddr_storage ss = {0};
	struct prefix net = {0};

	if (!a->ifa_addr || !a->ifa_netmask ||
	    a->ifa_addr->sa_family != ip->family)
		return false;
	memcpy(&ss, a->ifa_addr,
	       ip->family == AF_INET ? sizeof(struct sockaddr_in)
				     : sizeof(struct sockaddr_in6));
	ip_from_sockaddr(&ss, &net.addr);
	net.len = mask_length(a->ifa_netmask);
	return prefix_contains(&net, ip);
}

bool
sys_on_link(const struct ip *ip)
{
	struct ifaddrs *all, *a;
	bool found = false;

	if (ip_is_link_local(ip))
		return true;
	if (getifaddrs(&all) != 0)
		return false;
	for (a = all; a && !found; a = a->ifa_next)
		found = has_in_network(a, ip);
	freeifaddrs(all);
	return found;
}
