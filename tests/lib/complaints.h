/* SPDX-License-Identifier: GPL-2.0 */
/* Configurations as text, and what is complained of in them. */
#ifndef TESTS_LIB_COMPLAINTS_H
#define TESTS_LIB_COMPLAINTS_H

#include <errno.h>

#include "base/cleanup.h"
#include "check.h"
#include "config/config.h"

#define PBX   "[device pbx]\nmodel = es-pure-ip-x-it\naddress = 10.0.0.1\n" /* lines 1 to 3 */
#define PHONE "[device phone]\nmodel = t14-sip\naddress = 10.0.0.2\n"

/* Parses the text and returns what was complained of, to be freed; *ret_site is NULL after a fault. */
static inline char *complaints(const char *text, size_t size, struct site **ret_site)
{
	char *told = NULL;
	size_t told_size;
	FILE *errors = open_memstream(&told, &told_size);
	int err;

	*ret_site = NULL;
	err = config_parse("f", text, size, errors, ret_site);
	fclose(errors);
	CHECK_EQ(err, *told ? -EINVAL : 0);
	CHECK_EQ(*ret_site == NULL, err != 0);
	return told;
}

static inline struct site *sound(const char *text)
{
	_cleanup_(freep) char *told = NULL;
	struct site *site;

	told = complaints(text, strlen(text), &site);
	CHECK_STR(told, "");
	return site;
}

#endif
