/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon's own state, as JSON and back, and for people; see daemon_state.h. */
#include "report/daemon_state.h"

#include <errno.h>
#include <json-c/json.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "base/printable.h"
#include "report/table.h"

/* A time is written in seconds, as everywhere in `status`; null: never. */
enum member_type { MEMBER_NUMBER, MEMBER_TIME, MEMBER_TEXT };

struct member {
	const char *name;
	enum member_type type;
	size_t offset;
};

/* clang-format off */
#define NUMBER(where, name) {#name, MEMBER_NUMBER, offsetof(struct where, name)}
#define TEXT(where, name)   {#name, MEMBER_TEXT, offsetof(struct where, name)}
#define TIME(where, name)   {#name "_at", MEMBER_TIME, offsetof(struct where, name##_ns)}

static const struct member state_members[] = {
	NUMBER(daemon_state, pid),
	TIME(daemon_state, started),
	TEXT(daemon_state, config),
	TEXT(daemon_state, textfile),
	TIME(daemon_state, written),
	TEXT(daemon_state, textfile_error),
	TIME(daemon_state, reloaded),
	TEXT(daemon_state, reload_error),
	TIME(daemon_state, reattached),
	TEXT(daemon_state, reattach_error),
	NUMBER(daemon_state, swept_flows),
	NUMBER(daemon_state, swept_fragments),
	NUMBER(daemon_state, swept_sources),
	NUMBER(daemon_state, swept_index),
	NUMBER(daemon_state, mended_index),
};

static const struct member name_members[] = {
	NUMBER(daemon_name, addresses),
	TIME(daemon_name, answered),
	TEXT(daemon_name, error),
};
/* clang-format on */

/* ------------------------------------------------------------------ writing */

static void put_members(struct json *json, const struct member *members, size_t count,
			const void *from)
{
	for (size_t i = 0; i < count; i++) {
		const char *at = (const char *)from + members[i].offset;
		uint64_t number;

		switch (members[i].type) {
		case MEMBER_NUMBER:
			memcpy(&number, at, sizeof(number));
			json_number(json, members[i].name, number);
			break;
		case MEMBER_TIME:
			memcpy(&number, at, sizeof(number));
			if (number)
				json_time(json, members[i].name, number);
			else
				json_null(json, members[i].name);
			break;
		case MEMBER_TEXT:
			json_string(json, members[i].name, *at ? at : NULL);
			break;
		}
	}
}

void daemon_state_put(struct json *json, const char *name, const struct daemon_state *state)
{
	if (!state) {
		json_null(json, name);
		return;
	}
	json_open(json, name);
	put_members(json, state_members, ARRAY_SIZE(state_members), state);
	json_array(json, "names");
	for (int host = 0; host < AGFEO_HOST_COUNT; host++) {
		if (!state->names[host].wanted)
			continue;
		json_open(json, NULL);
		json_string(json, "name", host_name(host));
		put_members(json, name_members, ARRAY_SIZE(name_members), &state->names[host]);
		json_close(json);
	}
	json_array_end(json);
	json_close(json);
}

int daemon_state_render(FILE *out, const void *what)
{
	struct json json = {.out = out};

	daemon_state_put(&json, NULL, what);
	json_end(&json);
	return 0;
}

/* ------------------------------------------------------------------ reading */

static int read_members(struct json_object *object, const struct member *members, size_t count,
			void *to)
{
	for (size_t i = 0; i < count; i++) {
		char *at = (char *)to + members[i].offset;
		struct json_object *value;
		uint64_t number;

		if (!json_object_object_get_ex(object, members[i].name, &value))
			return -EINVAL;
		switch (members[i].type) {
		case MEMBER_NUMBER:
			number = json_object_get_uint64(value);
			memcpy(at, &number, sizeof(number));
			break;
		case MEMBER_TIME:
			number = (uint64_t)(json_object_get_double(value) * 1e3 + 0.5) * 1000000;
			memcpy(at, &number, sizeof(number));
			break;
		case MEMBER_TEXT:
			if (value)
				snprintf(at, DAEMON_TEXT, "%s", json_object_get_string(value));
			break;
		}
	}
	return 0;
}

static int read_name(struct json_object *object, struct daemon_state *state)
{
	struct json_object *name;

	if (!json_object_object_get_ex(object, "name", &name))
		return -EINVAL;
	for (int host = 0; host < AGFEO_HOST_COUNT; host++) {
		if (strcmp(json_object_get_string(name), host_name(host)) != 0)
			continue;
		state->names[host].wanted = true;
		return read_members(object, name_members, ARRAY_SIZE(name_members),
				    &state->names[host]);
	}
	return 0;
}

static void putp(struct json_object **object)
{
	json_object_put(*object);
}

int daemon_state_parse(const char *text, struct daemon_state *ret_state)
{
	_cleanup_(putp) struct json_object *document = json_tokener_parse(text);
	_cleanup_(freep) struct daemon_state *state = calloc(1, sizeof(*state));
	struct json_object *names = NULL;
	int err;

	if (!state)
		return -ENOMEM;
	if (!json_object_is_type(document, json_type_object) ||
	    !json_object_object_get_ex(document, "names", &names) ||
	    !json_object_is_type(names, json_type_array))
		return -EINVAL;
	err = read_members(document, state_members, ARRAY_SIZE(state_members), state);
	for (size_t i = 0; !err && i < (size_t)json_object_array_length(names); i++)
		err = read_name(json_object_array_get_idx(names, i), state);
	if (!err)
		*ret_state = *state;
	return err;
}

/* ------------------------------------------------------------------ for people */

static const char *ago(uint64_t then_ns, uint64_t now_ns, char *text)
{
	return duration_format(now_ns > then_ns ? (now_ns - then_ns) / 1000000000 : 0, text);
}

/* Each further line stands under the first. */
static void print_lines(FILE *out, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		printable_print(out, text, length);
		text += length;
		if (*text++ == '\n')
			fputs("\n               ", out);
		else
			break;
	}
	fputc('\n', out);
}

static void print_textfile(FILE *out, const struct daemon_state *state, uint64_t now_ns)
{
	char age[AMOUNT_TEXT];

	if (!*state->textfile)
		return;
	fputs("textfile       ", out);
	printable_print(out, state->textfile, strlen(state->textfile));
	fputs(", ", out);
	if (state->written_ns)
		fprintf(out, "written %s ago\n", ago(state->written_ns, now_ns, age));
	else
		fputs("not written yet\n", out);
	if (*state->textfile_error) {
		fputs("               NOT WRITTEN NOW: ", out);
		print_lines(out, state->textfile_error);
	}
}

static void print_failure(FILE *out, const char *subject, const char *error, uint64_t at_ns,
			  uint64_t now_ns)
{
	char age[AMOUNT_TEXT];

	if (!*error)
		return;
	fprintf(out, "%-14s FAILED %s ago, what ran before still runs:\n               ", subject,
		ago(at_ns, now_ns, age));
	print_lines(out, error);
}

static void print_names(FILE *out, const struct daemon_state *state)
{
	unsigned wanted = 0, known = 0;

	for (int host = 0; host < AGFEO_HOST_COUNT; host++) {
		wanted += state->names[host].wanted;
		known += state->names[host].wanted && state->names[host].addresses;
	}
	if (!wanted)
		return;
	fprintf(out, "AGFEO hosts    %u of %u names have addresses\n", known, wanted);
	for (int host = 0; host < AGFEO_HOST_COUNT; host++) {
		const struct daemon_name *name = &state->names[host];

		if (name->wanted && (*name->error || !name->addresses))
			fprintf(out, "               %s: %s\n", host_name(host),
				*name->error ? name->error : "not asked yet");
	}
}

void daemon_state_print(FILE *out, const struct daemon_state *state, uint64_t now_ns)
{
	char age[AMOUNT_TEXT];

	if (!state) {
		fputs("daemon         does not run: no export, no refreshing of AGFEO's addresses, "
		      "no sweeping; see 'agfeoctl run'\n",
		      out);
		return;
	}
	fprintf(out, "daemon         process %llu, for %s\n", (unsigned long long)state->pid,
		ago(state->started_ns, now_ns, age));
	print_textfile(out, state, now_ns);
	print_failure(out, "last reload", state->reload_error, state->reloaded_ns, now_ns);
	print_failure(out, "interfaces", state->reattach_error, state->reattached_ns, now_ns);
	print_names(out, state);
}
