/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel must have (kernel/requirement.h): kernels that answer otherwise than this one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "check.h"
#include "kernel/requirement.h"

static unsigned asked;

static int there(void)
{
	asked++;
	return 1;
}

static int missing(void)
{
	asked++;
	return 0;
}

static int unknown(void)
{
	asked++;
	return -EPERM;
}

/* What it says of the list; said is NULL: nothing, and nothing is wrong. */
static void expect(const char *row, const struct requirement *list, size_t count, const char *said)
{
	_cleanup_(freep) char *text = NULL;
	size_t size;
	FILE *log = open_memstream(&text, &size), *before = log_redirect(log);
	int err = requirements_check_list(list, count);

	log_redirect(before);
	fclose(log);
	CHECK_ROW(row);
	CHECK_EQ(err, said ? -EOPNOTSUPP : 0);
	CHECK(said ? strstr(text, said) != NULL : !*text);
	CHECK_ROW(NULL);
}

int main(void)
{
	const struct requirement newer[] = {{"maps", "4.8", there}, {"rings", "5.8", there}};
	const struct requirement older[] = {
		{"maps", "4.8", there}, {"rings", "5.8", missing}, {"more", "5.10", missing}};
	const struct requirement nobody[] = {{"maps", "4.8", unknown}, {"rings", "5.8", unknown}};

	expect("a kernel that has all", newer, 2, NULL);
	CHECK_EQ(asked, 2);
	expect("a kernel that lacks something: the oldest of it is said", older, 3,
	       "lacks rings, which Linux has since 5.8: agfeoctl needs Linux 5.10 or newer");
	CHECK_EQ(asked, 4);
	expect("who may not ask is told nothing of the kernel", nobody, 2, NULL);

	if (geteuid())
		CHECK_SKIP("the kernel itself: needs root");
	else
		CHECK_EQ(requirements_check(), 0);
	return check_done();
}
