/* SPDX-License-Identifier: ISC */
/*
 * The system calls of the main process after start-up. What is not named
 * fails with EPERM, so that a library which only tries goes on; what nobody
 * tries by accident ends the process.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/text.h"
#include "sys/sandbox.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define C(name) SCMP_SYS(name)

/* clang-format off */
static const int allowed[] = {
	/* the loop */
	C(epoll_create1), C(epoll_ctl), C(epoll_wait), C(epoll_pwait),
	C(epoll_pwait2), C(poll), C(ppoll), C(select), C(pselect6),
	C(eventfd2), C(timerfd_create), C(timerfd_settime),
	C(timerfd_gettime), C(pipe2), C(pipe), C(signalfd4),
	/* watched paths and cgroups (follow.c): tells of names, opens none */
	C(inotify_init1), C(inotify_add_watch), C(inotify_rm_watch),
	/* time */
	C(clock_gettime), C(clock_getres), C(clock_nanosleep), C(nanosleep),
	C(gettimeofday), C(time),
	/* threads: the resolver's and libuv's pool */
	C(futex), C(rseq), C(set_robust_list), C(get_robust_list),
	C(sched_yield), C(sched_getaffinity), C(sched_getparam),
	C(sched_getscheduler), C(membarrier), C(set_tid_address),
	C(arch_prctl), C(gettid), C(tgkill), C(getcpu),
	/* memory */
	C(mmap), C(mprotect), C(munmap), C(mremap), C(madvise), C(brk),
	C(mincore),
	/* files */
	C(openat), C(open), C(read), C(readv), C(pread64), C(preadv),
	C(write), C(writev), C(pwrite64), C(pwritev), C(close),
	C(close_range), C(rename), C(renameat), C(renameat2), C(unlink),
	C(unlinkat), C(fsync), C(fdatasync), C(ftruncate), C(fstat),
	C(stat), C(lstat), C(newfstatat), C(statx), C(statfs), C(fstatfs),
	C(getdents64), C(lseek), C(access), C(faccessat), C(faccessat2),
	C(readlink), C(readlinkat), C(mkdir), C(mkdirat), C(rmdir),
	C(chmod), C(fchmod), C(fchmodat), C(flock), C(fcntl), C(dup),
	C(dup2), C(dup3), C(umask), C(getcwd), C(fadvise64), C(sendfile),
	C(chown), C(fchown), C(fchownat), C(lchown),
	/* sockets; which families, below */
	C(connect), C(bind), C(listen), C(accept), C(accept4),
	C(setsockopt), C(getsockopt), C(getsockname), C(getpeername),
	C(sendto), C(sendmsg), C(sendmmsg), C(recvfrom), C(recvmsg),
	C(recvmmsg), C(shutdown), C(socketpair),
	/* signals, itself, its helper */
	C(rt_sigaction), C(rt_sigprocmask), C(rt_sigreturn),
	C(rt_sigpending), C(rt_sigtimedwait), C(sigaltstack),
	C(restart_syscall), C(kill), C(getpid), C(getppid), C(wait4),
	C(waitid), C(exit), C(exit_group),
	/* watched processes (pidfd.c): to wait for, signals need more */
	C(pidfd_open),
	/* questions */
	C(getuid), C(geteuid), C(getgid), C(getegid), C(getresuid),
	C(getresgid), C(getgroups), C(getpgrp), C(getpgid), C(getsid),
	C(capget), C(uname), C(sysinfo), C(getrusage), C(getrlimit),
	C(times), C(getrandom), C(getpriority),
};

static const int fatal[] = {
	C(execve), C(execveat), C(fork), C(vfork), C(ptrace),
	C(process_vm_readv), C(process_vm_writev), C(mount), C(umount2),
	C(pivot_root), C(chroot), C(move_mount), C(open_tree), C(fsopen),
	C(fsmount), C(fsconfig), C(unshare), C(setns), C(init_module),
	C(finit_module), C(delete_module), C(kexec_load),
	C(kexec_file_load), C(bpf), C(perf_event_open), C(userfaultfd),
	C(keyctl), C(add_key), C(request_key), C(reboot), C(swapon),
	C(swapoff), C(sethostname), C(setdomainname), C(settimeofday),
	C(clock_settime), C(clock_adjtime), C(adjtimex), C(acct),
	C(quotactl), C(open_by_handle_at), C(personality), C(iopl),
	C(ioperm), C(modify_ldt), C(setuid), C(setgid), C(setresuid),
	C(setresgid), C(setreuid), C(setregid), C(setgroups), C(capset),
};

static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

/* What libc and libuv ask of descriptors and links; no terminal control. */
static const unsigned requests[] = {
	0x541b,	/* FIONREAD */
	0x5421,	/* FIONBIO */
	0x5450, /* FIONCLEX */
	0x5451,	/* FIOCLEX */
	0x5401,	/* TCGETS */
	0x5413,	/* TIOCGWINSZ */
	0x8910,	/* SIOCGIFNAME */
	0x8912,	/* SIOCGIFCONF */
	0x8913,	/* SIOCGIFFLAGS */
	0x8933,	/* SIOCGIFINDEX */
	0x5411,	/* TIOCOUTQ, SIOCOUTQ */
};

static const int options[] = {
	PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_CAPBSET_READ,
	PR_GET_SECCOMP, PR_GET_NO_NEW_PRIVS, PR_SET_VMA,
};
/* clang-format on */

/* -EDOM is libseccomp's: no such call on this architecture. */
static int
rule(scmp_filter_ctx ctx, uint32_t action, int call)
{
	int r = seccomp_rule_add(ctx, action, call, 0);

	return r == -EDOM ? 0 : r;
}

static int
plain_rules(scmp_filter_ctx ctx)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(allowed) && r == 0; i++)
		r = rule(ctx, SCMP_ACT_ALLOW, allowed[i]);
	for (size_t i = 0; i < ARRAY_LEN(fatal) && r == 0; i++)
		r = rule(ctx, SCMP_ACT_KILL_PROCESS, fatal[i]);
	return r;
}

static int
argument_rules(scmp_filter_ctx ctx)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(families) && r == 0; i++)
		r = seccomp_rule_add(
		    ctx, SCMP_ACT_ALLOW, C(socket), 1,
		    SCMP_A0_32(SCMP_CMP_EQ, (uint32_t)families[i]));
	for (size_t i = 0; i < ARRAY_LEN(requests) && r == 0; i++)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, C(ioctl), 1,
				     SCMP_A1_32(SCMP_CMP_EQ, requests[i]));
	for (size_t i = 0; i < ARRAY_LEN(options) && r == 0; i++)
		r = seccomp_rule_add(
		    ctx, SCMP_ACT_ALLOW, C(prctl), 1,
		    SCMP_A0_32(SCMP_CMP_EQ, (uint32_t)options[i]));
	return r;
}

/*
 * Threads but no processes. clone3(2) hides its flags in memory, where a
 * filter cannot look: ENOSYS makes libc use clone(2).
 */
static int
process_rules(scmp_filter_ctx ctx)
{
	int r = seccomp_rule_add(
	    ctx, SCMP_ACT_ALLOW, C(clone), 1,
	    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));

	if (r == 0)
		r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), C(clone3), 0);
	/* Reading limits, not setting them. */
	if (r == 0)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, C(prlimit64), 1,
				     SCMP_A2(SCMP_CMP_EQ, 0));
	return r;
}

int
sandbox_filter(void)
{
	scmp_filter_ctx ctx;
	int r;

	if (SANITIZED)
		return 1;
	ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (!ctx)
		return -ENOMEM;
	r = plain_rules(ctx);
	if (r == 0)
		r = argument_rules(ctx);
	if (r == 0)
		r = process_rules(ctx);
	/* A search tree instead of a list: some 8 comparisons a call. */
	if (r == 0)
		seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (r == 0)
		r = seccomp_load(ctx);
	seccomp_release(ctx);
	return r;
}
