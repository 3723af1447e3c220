/* SPDX-License-Identifier: GPL-2.0 */
/* Our textfile, and whether a node_exporter of this box reads it; see audit.h. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/printable.h"
#include "kernel/audit.h"

#define MOST_CMDLINE  (64 << 10)
#define DEBIAN_FOLDER "/var/lib/prometheus/node-exporter" /* built into Debian's */
#define FOLDER_OPTION "collector.textfile.directory"

static void closedirp(DIR **folder)
{
	if (*folder)
		closedir(*folder);
}

/* The arguments of a process, each ended by a 0, and one more 0. Returns how many bytes. */
static size_t read_cmdline(const char *pid, char *text, size_t size)
{
	char path[64];
	_cleanup_(closep) int fd = -1;
	size_t at = 0;
	ssize_t got;

	snprintf(path, sizeof(path), "/proc/%.20s/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && at + 2 < size && (got = read(fd, text + at, size - at - 2)) > 0)
		at += (size_t)got;
	memset(text + at, 0, 2);
	return at;
}

/* "--collector.textfile.directory=DIR" or its value in the next word; one or two dashes. */
static const char *folder_option(const char *word, const char *next)
{
	size_t length = strlen(FOLDER_OPTION);

	if (*word != '-')
		return NULL;
	word += strspn(word, "-");
	if (strncmp(word, FOLDER_OPTION, length))
		return NULL;
	if (word[length] == '=')
		return word + length + 1;
	return word[length] ? NULL : next;
}

/* "--no-collector.textfile", or all collectors off but those that are named. */
static bool reads_textfiles(const char *words, size_t size)
{
	bool off = false, named = false;

	for (const char *word = words; word < words + size; word += strlen(word) + 1) {
		const char *flag = word + strspn(word, "-");

		if (!strcmp(flag, "no-collector.textfile"))
			return false;
		off |= !strcmp(flag, "collector.disable-defaults");
		named |= !strcmp(flag, "collector.textfile");
	}
	return !off || named;
}

/* As the process sees it: it may live in a container. Newer versions take patterns. */
static bool is_same_folder(const char *pid, const char *seen, const char *ours)
{
	struct stat theirs, own;
	char path[PATH_MAX];
	size_t room = (size_t)snprintf(path, sizeof(path), "/proc/%.20s/root/%s", pid, seen);

	if (strpbrk(seen, "*?[") && !fnmatch(seen, ours, FNM_PATHNAME))
		return true;
	return room < sizeof(path) && !stat(path, &theirs) && !stat(ours, &own) &&
	       theirs.st_dev == own.st_dev && theirs.st_ino == own.st_ino;
}

/* By the process's user and group alone; supplementary groups are not looked at. */
static bool may_read(const char *pid, const char *file)
{
	struct stat process, status;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%.20s", pid);
	if (stat(path, &process) || stat(file, &status) || process.st_uid == 0)
		return true;
	if (process.st_uid == status.st_uid)
		return status.st_mode & S_IRUSR;
	if (process.st_gid == status.st_gid)
		return status.st_mode & S_IRGRP;
	return status.st_mode & S_IROTH;
}

static bool is_exporter(const char *command)
{
	const char *name = strrchr(command, '/');

	name = name ? name + 1 : command;
	return !strcmp(name, "node_exporter") || !strcmp(name, "node-exporter") ||
	       !strcmp(name, "prometheus-node-exporter");
}

static void take_folder(struct audit_exporter *row, const char *pid, const char *seen,
			const char *ours)
{
	if (!*row->folder)
		printable_copy(row->folder, sizeof(row->folder), seen, strlen(seen));
	row->reads_folder |= is_same_folder(pid, seen, ours);
}

static int take_process(struct audit_facts *facts, const char *pid, char *words, const char *ours)
{
	size_t size = read_cmdline(pid, words, MOST_CMDLINE);
	struct audit_exporter *rows, *row;

	if (!size || !is_exporter(words))
		return 0;
	rows = reallocarray(facts->exporters, facts->exporter_count + 1, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	facts->exporters = rows;
	row = &rows[facts->exporter_count++];
	*row = (struct audit_exporter){.pid = (unsigned)strtoul(pid, NULL, 10),
				       .may_read = may_read(pid, facts->textfile)};
	if (!reads_textfiles(words, size))
		return 0;
	for (const char *word = words; word < words + size; word += strlen(word) + 1) {
		const char *folder = folder_option(word, word + strlen(word) + 1);

		if (folder)
			take_folder(row, pid, folder, ours);
	}
	if (!*row->folder && strstr(words, "prometheus-node-exporter"))
		take_folder(row, pid, DEBIAN_FOLDER, ours);
	return 0;
}

static int read_processes(struct audit_facts *facts, const char *ours)
{
	_cleanup_(closedirp) DIR *processes = opendir("/proc");
	_cleanup_(freep) char *words = malloc(MOST_CMDLINE);
	const struct dirent *entry;
	int err = 0;

	if (!words)
		return -ENOMEM;
	while (!err && processes && (entry = readdir(processes)))
		if (isdigit((unsigned char)entry->d_name[0]))
			err = take_process(facts, entry->d_name, words, ours);
	return err;
}

int audit_read_export(struct audit_facts *facts)
{
	struct stat status;
	char path[512];

	if (!*facts->textfile)
		return 0;
	snprintf(path, sizeof(path), "%s", facts->textfile);
	if (!stat(path, &status)) {
		facts->textfile_found = true;
		facts->textfile_changed_ns = (uint64_t)status.st_mtim.tv_sec * 1000000000ull +
					     (uint64_t)status.st_mtim.tv_nsec;
	}
	dirname(path);
	facts->textfile_folder = !stat(path, &status);
	return read_processes(facts, path);
}
