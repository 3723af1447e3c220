/* SPDX-License-Identifier: GPL-2.0 */
/* Said once; see condition.h. */
#include "kernel/condition.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"

static const char prefix[] = "agfeoctl: ";

/* Without our name, which every line of the log has, and without the last newline. */
static void take_text(struct condition *condition, const char *text)
{
	size_t at = 0;

	while (*text && at + 1 < sizeof(condition->text)) {
		if (!strncmp(text, prefix, sizeof(prefix) - 1) &&
		    (!at || condition->text[at - 1] == '\n'))
			text += sizeof(prefix) - 1;
		else
			condition->text[at++] = *text++;
	}
	while (at && condition->text[at - 1] == '\n')
		at--;
	condition->text[at] = '\0';
}

static void settle(struct condition *condition, int err, const char *text, const char *recovered)
{
	struct condition before = *condition;

	if (!err) {
		condition->text[0] = '\0';
		fputs(text, stderr);
		if (*before.text && recovered)
			say("%s", recovered);
		return;
	}
	take_text(condition, *text ? text : strerror(-err));
	if (strcmp(before.text, condition->text) != 0)
		fputs(text, stderr);
}

int condition_run(struct condition *condition, int (*work)(void *context), void *context,
		  const char *recovered)
{
	_cleanup_(freep) char *text = NULL;
	size_t size;
	FILE *held = open_memstream(&text, &size), *before;
	int err;

	if (!held)
		return work(context);
	before = log_redirect(held);
	err = work(context);
	log_redirect(before);
	fclose(held);
	settle(condition, err, text ? text : "", recovered); /* no memory for it: NULL */
	return err;
}
