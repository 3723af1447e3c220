/* SPDX-License-Identifier: GPL-2.0 */
/* Whose a configuration may be when root acts on it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "check.h"
#include "config/config.h"

/* Who may write the file, and what root makes of it; nobody else is asked. */
static void test_trust(void)
{
	static const struct {
		const char *what;
		mode_t mode;
		uid_t owner;
		gid_t group;
		int result;
		const char *words;
	} rows[] = {
		{"root's", 0644, 0, 0, 0, ""},
		{"root's and its group's", 0664, 0, 0, 0, ""},
		{"read by another group", 0640, 0, 1000, 0, ""},
		{"written by another group", 0664, 0, 1000, 0, "warning: group 1000 may write it"},
		{"anybody's", 0666, 0, 0, -EPERM, "anybody may write this file (mode 0666)"},
		{"anybody's, of somebody", 0602, 1000, 0, -EPERM, "anybody may write this file"},
		{"somebody's", 0644, 1000, 0, 0, "warning: it belongs to user 1000"},
	};
	char path[] = "/tmp/test_config.XXXXXX";
	int fd = mkstemp(path);

	if (!CHECK(fd >= 0))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(freep) char *told = NULL;
		struct site *site = NULL;
		size_t size;
		FILE *errors = open_memstream(&told, &size);
		bool root = !geteuid() && !fchown(fd, rows[i].owner, rows[i].group);

		CHECK_ROW(rows[i].what);
		CHECK(!fchmod(fd, rows[i].mode));
		CHECK_EQ(config_read_trusted(path, errors, &site), root ? rows[i].result : 0);
		fclose(errors);
		CHECK(root && *rows[i].words ? !!strstr(told, rows[i].words) : !*told);
		site_free(site);
	}
	CHECK_ROW(NULL);
	close(fd);
	unlink(path);
}

int main(void)
{
	test_trust();
	return check_done();
}
