/* SPDX-License-Identifier: GPL-2.0 */
/* Any text as a configuration: to a site, to a policy, to the words of others; or to complaints. */
#include <errno.h>

#include "base/cleanup.h"
#include "config/config.h"
#include "fuzz.h"
#include "policy/generate.h"
#include "policy/policy.h"

#define TICK_NS 1000000

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

/* Every line names the file and a line of it, and shows no byte of a stranger as it is. */
static void check_complaints(const struct fuzz_text *told)
{
	const char *at = told->text;

	FUZZ_CHECK(fuzz_is_harmless(told->text, told->size));
	while (*at) {
		const char *end = strchr(at, '\n');

		FUZZ_CHECK(end);
		FUZZ_CHECK(!strncmp(at, "f:", 2) && at[2] >= '0' && at[2] <= '9');
		at = end + 1;
	}
}

static void count_warning(void *context, int line, const char *text)
{
	FUZZ_CHECK(line > 0 && *text && fuzz_is_harmless(text, strlen(text)));
	(*(size_t *)context)++;
}

/* A device's own first address, asked from one that nobody has. */
static void ask(const struct policy *policy)
{
	struct question question = {.protocol = 17, .source_port = 5060, .destination_port = 5060};
	struct answer answer;

	for (size_t i = 0; i < policy->address_count; i++) {
		question.destination = policy->addresses[i].prefix.address;
		policy_ask(policy, &question, &answer);
		FUZZ_CHECK(answer.reason < AGFEO_REASON_COUNT && answer.judged_count <= 2);
		FUZZ_CHECK(answer.verdict == agfeo_reason_verdict(answer.reason));
	}
}

static void write_for_others(const struct policy *policy)
{
	struct fuzz_text text;
	int err;

	fuzz_text_open(&text);
	err = generate_nft(policy, text.out);
	FUZZ_CHECK(!err);
	err = generate_gpo(policy, text.out);
	FUZZ_CHECK(!err || err == -ENOENT);
	fuzz_text_close(&text);
	fuzz_text_release(&text);
}

static void compile(const struct site *site, struct fuzz_text *told)
{
	_cleanup_(policy_freep) struct policy *policy = NULL;
	size_t warnings = 0;
	int err;

	FUZZ_CHECK(config_warnings(site, count_warning, &warnings) == warnings);
	err = policy_compile(site, "f", TICK_NS, told->out, &policy);
	fflush(told->out);
	FUZZ_CHECK(err == (told->size ? -EINVAL : 0));
	if (err)
		return;
	ask(policy);
	write_for_others(policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(site_freep) struct site *site = NULL;
	struct fuzz_text told;
	int err;

	fuzz_text_open(&told);
	err = config_parse("f", (const char *)data, size, told.out, &site);
	fflush(told.out);
	FUZZ_CHECK(err == (told.size ? -EINVAL : 0) && !site == !!err);
	if (!err)
		compile(site, &told);
	fuzz_text_close(&told);
	check_complaints(&told);
	fuzz_text_release(&told);
	return 0;
}
