/* SPDX-License-Identifier: GPL-2.0 */
/* Findings: kept, sorted and shown; the rules are in audit_filters.c, audit_links.c, audit_state.c. */
#include "report/audit.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "report/json.h"

#define PAGE_WIDTH 96

static const char *const severities[] = {
	[AUDIT_FAULT] = "fault",
	[AUDIT_WARNING] = "warning",
	[AUDIT_NOTE] = "note",
};

void audit_facts_free(struct audit_facts *facts)
{
	free(facts->devices);
	free(facts->interfaces);
	free(facts->exporters);
	ruleset_free(&facts->ruleset);
}

void audit_free(struct audit *audit)
{
	free(audit->findings);
	*audit = (struct audit){};
}

size_t audit_faults(const struct audit *audit)
{
	size_t faults = 0;

	for (size_t i = 0; i < audit->count; i++)
		faults += audit->findings[i].severity == AUDIT_FAULT;
	return faults;
}

/* ------------------------------------------------------------------ adding */

struct audit_finding *audit_add(struct audit *audit, const char *id, enum audit_severity severity,
				const char *why)
{
	struct audit_finding *grown =
		reallocarray(audit->findings, audit->count + 1, sizeof(*grown));

	if (!grown) {
		audit->out_of_memory = true;
		return NULL;
	}
	audit->findings = grown;
	grown += audit->count++;
	*grown = (struct audit_finding){.id = id, .severity = severity, .why = why};
	return grown;
}

#define FIND_TEXT(name, member)                                                                    \
	void name(struct audit_finding *finding, const char *format, ...)                          \
	{                                                                                          \
		va_list arguments;                                                                 \
                                                                                                   \
		va_start(arguments, format);                                                       \
		if (finding)                                                                       \
			vsnprintf(finding->member, sizeof(finding->member), format, arguments);    \
		va_end(arguments);                                                                 \
	}

FIND_TEXT(find_object, object)
FIND_TEXT(find_text, finding)
FIND_TEXT(find_mend, mend)

/* qsort is not stable: equal ones keep their order by where they were. */
static int compare_findings(const void *left, const void *right)
{
	const struct audit_finding *a = *(const struct audit_finding *const *)left;
	const struct audit_finding *b = *(const struct audit_finding *const *)right;

	if (a->severity != b->severity)
		return a->severity < b->severity ? -1 : 1;
	return a < b ? -1 : a > b;
}

static int sort_findings(struct audit *audit)
{
	const struct audit_finding **order = calloc(audit->count + 1, sizeof(*order));
	struct audit_finding *sorted = calloc(audit->count + 1, sizeof(*sorted));

	for (size_t i = 0; order && i < audit->count; i++)
		order[i] = &audit->findings[i];
	if (!order || !sorted) {
		free(order);
		free(sorted);
		return -ENOMEM;
	}
	qsort(order, audit->count, sizeof(*order), compare_findings);
	for (size_t i = 0; i < audit->count; i++)
		sorted[i] = *order[i];
	free(order);
	free(audit->findings);
	audit->findings = sorted;
	return 0;
}

int audit_judge(const struct audit_facts *facts, struct audit *audit)
{
	*audit = (struct audit){};
	audit_state(facts, audit);
	audit_filters(facts, audit);
	audit_links(facts, audit);
	return audit->out_of_memory ? -ENOMEM : sort_findings(audit);
}

/* ------------------------------------------------------------------ showing */

static void print_finding(FILE *out, const struct audit_finding *finding)
{
	fprintf(out, "%-8s %s: ", severities[finding->severity], finding->id);
	printable_print(out, finding->object, strlen(finding->object));
	fputs("\n         ", out);
	printable_wrap(out, finding->finding, 9, PAGE_WIDTH);
	fputs("   why:  ", out);
	printable_wrap(out, finding->why, 9, PAGE_WIDTH);
	fputs("   mend: ", out);
	printable_print(out, finding->mend, strlen(finding->mend));
	fputs("\n\n", out);
}

int render_audit_text(FILE *out, const struct audit *audit)
{
	size_t faults = audit_faults(audit), warnings = 0;

	for (size_t i = 0; i < audit->count; i++) {
		print_finding(out, &audit->findings[i]);
		warnings += audit->findings[i].severity == AUDIT_WARNING;
	}
	if (audit->count)
		fprintf(out, "%zu faults, %zu warnings, %zu notes\n", faults, warnings,
			audit->count - faults - warnings);
	return 0;
}

int render_audit_json(FILE *out, const struct audit *audit)
{
	struct json json = {.out = out};

	json_open(&json, NULL);
	json_array(&json, "findings");
	for (size_t i = 0; i < audit->count; i++) {
		const struct audit_finding *finding = &audit->findings[i];

		json_open(&json, NULL);
		json_string(&json, "id", finding->id);
		json_string(&json, "severity", severities[finding->severity]);
		json_string(&json, "object", finding->object);
		json_string(&json, "finding", finding->finding);
		json_string(&json, "why", finding->why);
		json_string(&json, "mend", finding->mend);
		json_close(&json);
	}
	json_array_end(&json);
	json_close(&json);
	json_end(&json);
	return 0;
}
