/* SPDX-License-Identifier: GPL-2.0 */
/* Golden files; see golden.h. They stand beside the unit tests, wherever those run. */
#include "lib/golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "lib/check.h"

#define MOST (1 << 20)

static char *read_file(const char *path)
{
	_cleanup_(fclosep) FILE *file = fopen(path, "r");
	char *text = calloc(1, MOST);

	if (!file || !text) {
		free(text);
		return NULL;
	}
	text[fread(text, 1, MOST - 1, file)] = '\0';
	return text;
}

static void write_file(const char *path, const char *text)
{
	_cleanup_(fclosep) FILE *file = fopen(path, "w");

	if (CHECK(file))
		fputs(text, file);
}

void check_golden(const char *name, const char *text)
{
	_cleanup_(freep) char *expected = NULL;
	const char *slash = strrchr(__FILE__, '/');
	char path[256];

	snprintf(path, sizeof(path), "%.*s../unit/golden/%s",
		 slash ? (int)(slash + 1 - __FILE__) : 0, __FILE__, name);
	if (getenv("AGFEO_WRITE_GOLDEN")) {
		write_file(path, text);
		return;
	}
	expected = read_file(path);
	CHECK_ROW(name);
	if (CHECK(expected))
		CHECK_STR(text, expected);
	CHECK_ROW(NULL);
}
