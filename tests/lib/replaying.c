/* SPDX-License-Identifier: GPL-2.0 */
/* The tool, run on captures; see replaying.h. */
#include "replaying.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "check.h"
#include "corpus/words.h"

static char folder[] = "/tmp/agfeo-replay-XXXXXX";

int replaying_begin(void)
{
	return mkdtemp(folder) ? 0 : -errno;
}

void replaying_end(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	CHECK_EQ(system(command), 0);
}

const char *replaying_path(const char *name, char path[256])
{
	snprintf(path, 256, "%s/%s", folder, name);
	return path;
}

void replaying_write(const char *name, const char *text)
{
	char path[256];
	FILE *file = fopen(replaying_path(name, path), "w");

	if (!CHECK(file))
		abort();
	fputs(text, file);
	fclose(file);
}

/* ------------------------------------------------------------------ captures */

struct tape tape_open(const char *name, int link)
{
	char path[256];
	struct tape tape = {
		.dead = pcap_open_dead_with_tstamp_precision(link, 262144,
							     PCAP_TSTAMP_PRECISION_NANO),
	};

	tape.dumper = pcap_dump_open(tape.dead, replaying_path(name, path));
	if (!tape.dumper)
		abort();
	return tape;
}

void tape_put(struct tape *tape, uint64_t ns, const void *bytes, size_t kept, size_t length)
{
	struct pcap_pkthdr header = {.caplen = kept, .len = length};

	header.ts.tv_sec = (time_t)(ns / SECOND);
	header.ts.tv_usec = (suseconds_t)(ns % SECOND);
	pcap_dump((u_char *)tape->dumper, &header, bytes);
}

void tape_close(struct tape *tape)
{
	pcap_dump_close(tape->dumper);
	pcap_close(tape->dead);
}

struct frame_bytes frame_of(const char *words)
{
	struct frame_bytes frame = {.length = 0};
	char wrong[WORDS_WRONG];

	if (!CHECK_EQ(words_build(words, &frame, wrong), 0))
		printf("\t\"%s\" at '%s'\n", words, wrong);
	return frame;
}

/* ------------------------------------------------------------------ the tool */

void run_release(struct run *run)
{
	for (size_t i = 0; i < run->count; i++)
		json_object_put(run->lines[i]);
	free(run->lines);
}

static const char *tool(void)
{
	static char path[PATH_MAX];
	const char *build = getenv("BUILD");
	char relative[512];

	snprintf(relative, sizeof(relative), "%s/test/agfeoctl", build ? build : "build");
	return realpath(relative, path) ? path : "agfeoctl-is-not-built";
}

/* Every line of standard output must be JSON. Messages go to the file "said". */
struct run replay(const char *config, const char *arguments)
{
	struct run run = {.status = -1};
	char command[PATH_MAX + 1024], *line = NULL;
	size_t size = 0;
	FILE *out;

	snprintf(command, sizeof(command), "cd %s && '%s' -c %s --json replay %s 2> said", folder,
		 tool(), config, arguments);
	out = popen(command, "r");
	if (!CHECK(out))
		return run;
	while (getline(&line, &size, out) > 0) {
		struct json_object *object = json_tokener_parse(line);

		if (!CHECK(object))
			printf("\t%s", line);
		run.lines = reallocarray(run.lines, run.count + 1, sizeof(*run.lines));
		if (!run.lines)
			abort();
		run.lines[run.count++] = object;
	}
	free(line);
	run.status = WEXITSTATUS(pclose(out));
	return run;
}

bool has_said(const char *text)
{
	char path[256], all[8192];
	FILE *file = fopen(replaying_path("said", path), "r");
	bool found;

	if (!file)
		return false;
	all[fread(all, 1, sizeof(all) - 1, file)] = '\0';
	fclose(file);
	found = strstr(all, text);
	if (!found)
		printf("\tsaid: %s\n", all);
	return found;
}

struct json_object *member(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, name, &value);
	return value;
}

/* "null" for null. */
const char *text_of(struct json_object *object, const char *name)
{
	struct json_object *value = member(object, name);

	return value ? json_object_get_string(value) : "null";
}

int64_t number_of(struct json_object *object, const char *name)
{
	return json_object_get_int64(member(object, name));
}

bool flag_of(struct json_object *object, const char *name)
{
	return json_object_get_boolean(member(object, name));
}
