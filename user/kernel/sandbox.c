/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The list of system calls; see sandbox.h. Measured by strace over tests/e2e/run.sh and confined.sh,
 * with what other versions of libc and other architectures call for the same. clone3, whose flags a
 * filter cannot see, does not exist: libc then calls clone.
 */
#include "kernel/sandbox.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/log.h"

#define CLONE_NEW                                                                                  \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
	 CLONE_NEWPID | CLONE_NEWNET)

/* Names that an architecture does not have are passed over. */
/* clang-format off */
static const char *const allowed[] = {
	/* memory; libbpf from 1.4 holds the places of maps by a memfd */
	"brk", "madvise", "memfd_create", "mmap", "mmap2", "mprotect", "mremap", "munmap",
	/* files: configuration, textfile, run folder, pins */
	"access", "close", "dup", "dup2", "dup3", "faccessat", "faccessat2", "fchmod", "fcntl",
	"fcntl64", "fdatasync", "flock", "fstat", "fstat64", "fstatat64", "fstatfs", "fstatfs64",
	"fsync", "ftruncate", "ftruncate64", "getcwd", "getdents", "getdents64", "lseek", "_llseek",
	"lstat", "lstat64", "mkdir", "mkdirat", "newfstatat", "open", "openat", "pipe", "pipe2",
	"pread64", "pwrite64", "read", "readlink", "readlinkat", "readv", "rename", "renameat",
	"renameat2", "rmdir", "stat", "stat64", "statfs", "statfs64", "statx", "symlink",
	"symlinkat", "umask", "unlink", "unlinkat", "write", "writev",
	/* processes: the child that reloads */
	"exit", "exit_group", "fork", "futex", "futex_time64", "get_robust_list", "getegid",
	"getegid32", "geteuid", "geteuid32", "getgid", "getgid32", "getpgrp", "getpid", "getppid",
	"getrandom", "getrlimit", "getrusage", "gettid", "getuid", "getuid32", "membarrier",
	"rseq", "sched_getaffinity", "sched_yield", "set_robust_list", "set_tid_address",
	"sysinfo", "tgkill", "ugetrlimit", "uname", "wait4", "waitid", "waitpid", "capget",
	/* signals and time */
	"clock_getres", "clock_getres_time64", "clock_gettime", "clock_gettime64",
	"clock_nanosleep", "clock_nanosleep_time64", "gettimeofday", "nanosleep", "restart_syscall",
	"rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigreturn", "sigaltstack",
	"sigreturn", "time",
	/* the event loop */
	"epoll_create", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait",
	"eventfd2", "_newselect", "poll", "ppoll", "ppoll_time64", "pselect6", "select",
	"timerfd_create", "timerfd_settime", "timerfd_settime64",
	/* netlink, DNS, systemd: no listening */
	"bind", "connect", "getpeername", "getsockname", "getsockopt", "recv", "recvfrom",
	"recvmmsg", "recvmsg", "send", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown",
	"socketpair",
};
/* clang-format on */

static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

/* Of interfaces, and whether an output is a terminal. */
static const unsigned long ioctls[] = {
	SIOCGIFINDEX, SIOCGIFMTU, SIOCGIFHWADDR, SIOCGIFNAME,
	SIOCGIFFLAGS, FIONREAD,	  FIONBIO,	 TCGETS,
};

static const int bpf_commands[] = {
	BPF_MAP_CREATE,
	BPF_MAP_LOOKUP_ELEM,
	BPF_MAP_UPDATE_ELEM,
	BPF_MAP_DELETE_ELEM,
	BPF_MAP_GET_NEXT_KEY,
	BPF_PROG_LOAD,
	BPF_OBJ_PIN,
	BPF_OBJ_GET,
	BPF_PROG_TEST_RUN,
	BPF_PROG_GET_FD_BY_ID,
	BPF_MAP_GET_FD_BY_ID,
	BPF_BTF_GET_FD_BY_ID,
	BPF_OBJ_GET_INFO_BY_FD,
	BPF_PROG_QUERY,
	BPF_BTF_LOAD,
	BPF_MAP_FREEZE,
	BPF_MAP_LOOKUP_BATCH,
	BPF_MAP_LOOKUP_AND_DELETE_BATCH,
	BPF_MAP_UPDATE_BATCH,
	BPF_MAP_DELETE_BATCH,
	BPF_LINK_CREATE,
	BPF_LINK_UPDATE,
	BPF_LINK_DETACH,
	BPF_PROG_BIND_MAP,
	BPF_PROG_ATTACH,
	BPF_MAP_LOOKUP_AND_DELETE_ELEM,
};

static int allow_names(scmp_filter_ctx filter)
{
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(allowed); i++) {
		int number = seccomp_syscall_resolve_name(allowed[i]);

		/* What libseccomp does not know, or the architecture does not have, is EPERM. */
		if (number >= 0)
			err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
	}
	return err;
}

static int allow_arguments(scmp_filter_ctx filter)
{
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(families); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
				       SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i]));
	for (size_t i = 0; !err && i < ARRAY_SIZE(ioctls); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
				       SCMP_A1(SCMP_CMP_EQ, ioctls[i]));
	for (size_t i = 0; !err && i < ARRAY_SIZE(bpf_commands); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(bpf), 1,
				       SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)bpf_commands[i]));
	return err;
}

static int allow_processes(scmp_filter_ctx filter)
{
	int err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				   SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEW, 0));

	if (!err)
		err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	/* Limits of its own only: libbpf raises that of locked memory on old kernels. */
	if (!err)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
				       SCMP_A0(SCMP_CMP_EQ, 0));
	if (!err)
		err = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(execve), 0);
	return err ? err : seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(execveat), 0);
}

static void releasep(scmp_filter_ctx *filter)
{
	if (*filter)
		seccomp_release(*filter);
}

int sandbox_enter(void)
{
	_cleanup_(releasep) scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int err = filter ? allow_names(filter) : -ENOMEM;

	if (!err)
		err = allow_arguments(filter);
	if (!err)
		err = allow_processes(filter);
	if (!err)
		err = seccomp_load(filter);
	if (err == -EINVAL || err == -EOPNOTSUPP) {
		warn("no filter of system calls can be set: the kernel has none "
		     "(CONFIG_SECCOMP_FILTER), or a unit's SystemCallFilter= lacks seccomp; the "
		     "daemon "
		     "runs without one");
		return 0;
	}
	return err ? fail(err, "seccomp filter") : 0;
}
