/* SPDX-License-Identifier: GPL-2.0 */
/* Atomic replacement: what a reader finds after success and after each way to fail. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/check.h"
#include "report/textfile.h"

static char folder[] = "/tmp/agfeo-textfile-XXXXXX";
static char path[PATH_MAX];

static int write_text(FILE *out, const void *what)
{
	fputs(what, out);
	return 0;
}

/* What a scrape in the middle of writing finds: the old file, and nothing else that ends in .prom. */
static int write_and_look(FILE *out, const void *what)
{
	struct dirent *entry;
	DIR *stream = opendir(folder);
	int prom = 0, all = 0;

	fputs(what, out);
	fflush(out);
	while (stream && (entry = readdir(stream)) != NULL) {
		size_t length = strlen(entry->d_name);

		all += entry->d_name[0] != '.';
		prom += length > 5 && !strcmp(entry->d_name + length - 5, ".prom");
	}
	if (stream)
		closedir(stream);
	CHECK_EQ(prom, 1);
	CHECK_EQ(all, 2);
	return 0;
}

static int write_half(FILE *out, const void *what)
{
	(void)what;
	fputs("half of ", out);
	return -ENOMEM;
}

static int write_much(FILE *out, const void *what)
{
	(void)what;
	for (int i = 0; i < 100000; i++)
		fputs("agfeo_packets_total{device=\"pbx\"} 1\n", out);
	return 0;
}

static void check_content(const char *expected)
{
	char text[256] = "";
	FILE *file = fopen(path, "r");

	if (!CHECK(file))
		return;
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	CHECK_STR(text, expected);
}

static void check_alone(int expected)
{
	struct dirent *entry;
	DIR *stream = opendir(folder);
	int count = 0;

	if (!CHECK(stream))
		return;
	while ((entry = readdir(stream)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(stream);
	CHECK_EQ(count, expected);
}

static void test_success(void)
{
	struct stat status;
	mode_t mask = umask(0077); /* the mode is what was promised, whatever the caller's mask */

	CHECK_EQ(textfile_write(path, write_text, "first 1\n"), 0);
	umask(mask);
	check_content("first 1\n");
	check_alone(1);
	CHECK(!stat(path, &status) && (status.st_mode & 07777) == 0644);
	CHECK_EQ(textfile_write(path, write_and_look, "second 2\n"), 0);
	check_content("second 2\n");
}

static void test_renderer_fails(void)
{
	CHECK_EQ(textfile_write(path, write_half, NULL), -ENOMEM);
	check_content("second 2\n");
	check_alone(1);
}

/* A limit on file size stands for the full disk: write() fails in the middle all the same. */
static void test_no_room(void)
{
	struct rlimit old, small;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = 4096;
	setrlimit(RLIMIT_FSIZE, &small);
	CHECK_EQ(textfile_write(path, write_much, NULL), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &old);
	check_content("second 2\n");
	check_alone(1);
}

static void test_no_folder(void)
{
	char missing[PATH_MAX + 32];

	snprintf(missing, sizeof(missing), "%s/none/agfeo.prom", folder);
	CHECK(textfile_write(missing, write_text, "x 1\n") < 0);
	check_alone(1);
}

static void test_target_is_a_folder(void)
{
	char target[PATH_MAX];

	snprintf(target, sizeof(target), "%.4000s/folder.prom", folder);
	CHECK_EQ(mkdir(target, 0755), 0);
	CHECK_EQ(textfile_write(target, write_text, "x 1\n"), -EISDIR);
	check_alone(2);
	rmdir(target);
}

static bool is_link(const char *target)
{
	struct stat status;

	return !lstat(target, &status) && S_ISLNK(status.st_mode);
}

/* Of what is no file nothing is made one: it would be gone for everybody. */
static void test_target_is_no_file(void)
{
	char target[PATH_MAX];
	struct stat status;

	snprintf(target, sizeof(target), "%.4000s/pipe.prom", folder);
	CHECK_EQ(mkfifo(target, 0600), 0);
	CHECK_EQ(textfile_write(target, write_text, "x 1\n"), -EINVAL);
	CHECK(!stat(target, &status) && S_ISFIFO(status.st_mode));
	unlink(target);
	CHECK_EQ(symlink("/dev/zero", target), 0);
	CHECK_EQ(textfile_write(target, write_text, "x 1\n"), -EINVAL);
	CHECK(is_link(target));
	unlink(target);
	CHECK_EQ(symlink(path, target), 0);
	CHECK_EQ(textfile_write(target, write_text, "x 1\n"), 0);
	CHECK(!is_link(target));
	check_content("second 2\n");
	unlink(target);
	check_alone(1);
}

/* As in `--textfile /dev/stdout`: whether a file or a pipe is behind it. */
static void test_target_is_standard_output(void)
{
	int ends[2] = {-1, -1}, before, file = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	char target[PATH_MAX], text[16] = "";

	snprintf(target, sizeof(target), "%.4000s/stdout", folder);
	CHECK_EQ(symlink("/proc/self/fd/1", target), 0);
	CHECK_EQ(pipe(ends), 0);
	fflush(stdout);
	before = dup(STDOUT_FILENO);
	dup2(file, STDOUT_FILENO);
	CHECK_EQ(textfile_write(target, write_text, "file 1\n"), 0);
	dup2(ends[1], STDOUT_FILENO);
	CHECK_EQ(textfile_write(target, write_text, "pipe 1\n"), 0);
	dup2(before, STDOUT_FILENO);
	CHECK_EQ(read(ends[0], text, sizeof(text) - 1), 7);
	CHECK_STR(text, "pipe 1\n");
	check_content("file 1\n");
	CHECK(is_link(target));
	unlink(target);
	for (size_t i = 0; i < 2; i++)
		close(ends[i]);
	close(before);
	close(file);
	check_alone(1);
}

static void test_bare_name(void)
{
	char before[PATH_MAX];

	if (!CHECK(getcwd(before, sizeof(before))) || !CHECK(!chdir(folder)))
		return;
	CHECK_EQ(textfile_write("agfeo.prom", write_text, "third 3\n"), 0);
	CHECK(!chdir(before));
	check_content("third 3\n");
	check_alone(1);
}

int main(void)
{
	if (!CHECK(mkdtemp(folder)))
		return check_done();
	snprintf(path, sizeof(path), "%.4000s/agfeo.prom", folder);
	test_success();
	test_renderer_fails();
	test_no_room();
	test_no_folder();
	test_target_is_a_folder();
	test_target_is_no_file();
	test_target_is_standard_output();
	test_bare_name();
	unlink(path);
	rmdir(folder);
	return check_done();
}
