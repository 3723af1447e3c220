/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Texts of others that the tool reads: what a daemon left in /run and beside its textfile, and the
 * rulesets that nft and iptables print. The first byte says which.
 */
#include <errno.h>

#include "base/printable.h"
#include "fuzz.h"
#include "report/daemon_state.h"
#include "report/quality_state.h"
#include "report/ruleset.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static bool is_utf8(const char *text)
{
	while (*text && utf8_character(text))
		text += utf8_character(text);
	return !*text;
}

/* What was read and written is read to the same; JSON has no bytes but UTF-8, others are replaced. */
static void run_daemon(const char *text)
{
	struct daemon_state state, again;
	struct fuzz_text written;
	int err;

	if (daemon_state_parse(text, &state))
		return;
	fuzz_text_open(&written);
	daemon_state_render(written.out, &state);
	fuzz_text_close(&written);
	err = daemon_state_parse(written.text, &again);
	FUZZ_CHECK(!err);
	FUZZ_CHECK(state.pid == again.pid);
	FUZZ_CHECK(!is_utf8(state.config) || !strcmp(state.config, again.config));
	fuzz_text_release(&written);

	fuzz_text_open(&written);
	daemon_state_print(written.out, &state, 1000000000);
	fuzz_text_close(&written);
	FUZZ_CHECK(fuzz_is_harmless(written.text, written.size));
	fuzz_text_release(&written);
}

static void run_quality(const char *text)
{
	struct quality_table table = {.rows = NULL}, again = {.rows = NULL};
	struct fuzz_text written;
	int err;

	if (quality_state_parse(text, &table))
		return;
	fuzz_text_open(&written);
	quality_state_render(written.out, &table);
	fuzz_text_close(&written);
	err = quality_state_parse(written.text, &again);
	FUZZ_CHECK(!err && table.count == again.count);
	fuzz_text_release(&written);
	quality_table_release(&table);
	quality_table_release(&again);
}

static void run_ruleset(const char *text, size_t size, bool nft)
{
	struct ruleset ruleset = {.forwards = NULL};
	int err = nft ? ruleset_read_nft(text, size, &ruleset)
		      : ruleset_read_iptables("iptables", text, size, &ruleset);

	FUZZ_CHECK(!err || err == -EINVAL);
	for (size_t i = 0; i < ruleset.forward_count; i++) {
		FUZZ_CHECK(memchr(ruleset.forwards[i].rule, '\0', RULE_TEXT));
		FUZZ_CHECK(memchr(ruleset.forwards[i].undo, '\0', RULE_UNDO_TEXT));
	}
	ruleset_free(&ruleset);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (!size)
		return 0;
	text = fuzz_string(data + 1, size - 1);
	switch (data[0] & 3) {
	case 0:
		run_daemon(text);
		break;
	case 1:
		run_quality(text);
		break;
	case 2:
		run_ruleset(text, size - 1, true);
		break;
	case 3:
		run_ruleset(text, size - 1, false);
		break;
	}
	free(text);
	return 0;
}
