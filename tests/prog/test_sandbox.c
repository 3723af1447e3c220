/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon's cage (kernel/sandbox.h, kernel/privilege.h), tried from within by a child. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "check.h"
#include "kernel/privilege.h"
#include "kernel/sandbox.h"

/* Each returns 0, or -errno. */
static int try_exec(void)
{
	char *argv[] = {"true", NULL};

	return execv("/bin/true", argv) ? -errno : 0;
}

static int try_mount(void)
{
	return mount("none", "/mnt", "tmpfs", 0, "") ? -errno : 0;
}

static int try_unshare(void)
{
	return unshare(CLONE_NEWUSER) ? -errno : 0;
}

static int try_namespace_child(void)
{
	return syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) < 0 ? -errno : 0;
}

static int try_trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) ? -errno : 0;
}

static int try_kill(void)
{
	return kill(getppid(), 0) ? -errno : 0;
}

static int try_packet_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0) < 0 ? -errno : 0;
}

static int try_listen(void)
{
	return listen(socket(AF_INET, SOCK_STREAM, 0), 1) ? -errno : 0;
}

static int try_setuid(void)
{
	return setuid(65534) ? -errno : 0;
}

static int try_chown(void)
{
	return chown("/etc/hostname", 1, 1) ? -errno : 0;
}

static int try_program_list(void)
{
	union bpf_attr attr = {};

	return syscall(SYS_bpf, BPF_PROG_GET_NEXT_ID, &attr, sizeof(attr)) ? -errno : 0;
}

static int try_bpf_map(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};

	return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)) < 0 ? -errno : 0;
}

static int try_udp(void)
{
	return socket(AF_INET6, SOCK_DGRAM, 0) < 0 ? -errno : 0;
}

static int try_file(void)
{
	return open("/proc/self/status", O_RDONLY) < 0 ? -errno : 0;
}

static char foreign[] = "/tmp/agfeo-sandbox-XXXXXX", foreign_file[64];

/* Root's file system rights are gone: somebody's folder is as closed to it as to anybody. */
static int try_foreign_folder(void)
{
	return open(foreign_file, O_RDONLY) < 0 ? -errno : 0;
}

static int try_fork(void)
{
	pid_t child = fork();
	int status = 1;

	if (child < 0)
		return -errno;
	if (!child)
		_exit(0);
	return waitpid(child, &status, 0) == child && !status ? 0 : -ECHILD;
}

static const struct {
	const char *what;
	int (*attempt)(void);
	int result; /* 0, -errno, or the signal that ends it */
} rows[] = {
	{"executing a program ends it", try_exec, SIGSYS},
	{"no mount", try_mount, -EPERM},
	{"no new namespaces", try_unshare, -EPERM},
	{"no child in new namespaces", try_namespace_child, -EPERM},
	{"no tracing", try_trace, -EPERM},
	{"no signals to others", try_kill, -EPERM},
	{"no raw packets", try_packet_socket, -EPERM},
	{"no listening", try_listen, -EPERM},
	{"no other user", try_setuid, -EPERM},
	{"no change of owner", try_chown, -EPERM},
	{"no looking for other programs", try_program_list, -EPERM},
	{"no reading what only its owner may", try_foreign_folder, -EACCES},
	{"maps are made", try_bpf_map, 0},
	{"DNS is asked", try_udp, 0},
	{"files are read", try_file, 0},
	{"a child is had, for the reload", try_fork, 0},
};

static int outcome(int (*attempt)(void))
{
	pid_t child = fork();
	int status = 0;

	if (!child) {
		if (privilege_drop() || sandbox_enter())
			_exit(255);
		_exit(-attempt());
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1000;
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static void make_foreign_folder(void)
{
	int fd;

	CHECK(mkdtemp(foreign));
	snprintf(foreign_file, sizeof(foreign_file), "%s/file", foreign);
	fd = open(foreign_file, O_CREAT | O_WRONLY, 0600);
	CHECK(fd >= 0 && !fchown(fd, 1000, 1000) && !chown(foreign, 1000, 1000));
	closep(&fd);
}

static void remove_foreign_folder(void)
{
	unlink(foreign_file);
	rmdir(foreign);
}

int main(void)
{
	make_foreign_folder();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK_ROW(rows[i].what);
		CHECK_EQ(outcome(rows[i].attempt), rows[i].result);
	}
	CHECK_ROW(NULL);
	remove_foreign_folder();
	return check_done();
}
