/* SPDX-License-Identifier: GPL-2.0 */
/* Text to site and policy, for tests that want them sound. */
#ifndef TESTS_LIB_COMPILED_H
#define TESTS_LIB_COMPILED_H

#include <stdlib.h>

#include "base/cleanup.h"
#include "check.h"
#include "config/config.h"
#include "policy/policy.h"

#define COMPILED_TICK_NS 64000000ull

static inline struct site *site_of(const char *text)
{
	_cleanup_(freep) char *told = NULL;
	struct site *site = NULL;
	size_t size;
	FILE *errors = open_memstream(&told, &size);

	config_parse("f", text, strlen(text), errors, &site);
	fclose(errors);
	CHECK_STR(told, "");
	return site;
}

/* NULL where there is no site, which was complained of then. */
static inline struct policy *policy_of(const struct site *site)
{
	struct policy *policy = NULL;

	if (site)
		CHECK_EQ(policy_compile(site, "f", COMPILED_TICK_NS, stdout, &policy), 0);
	return policy;
}

static inline struct address address_of(const char *text)
{
	struct address address = {};

	CHECK_EQ(address_parse(text, &address), 0);
	return address;
}

#endif
