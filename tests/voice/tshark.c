/* SPDX-License-Identifier: GPL-2.0 */
/* What tshark says of a capture, and what a `calls` document says; see measured.h. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "voice/measured.h"

#define COMMAND_MOST 4096
#define WORDS_MOST   32

/* "TShark (Wireshark) 4.0.17 (Git …)" */
int tshark_version(void)
{
	FILE *pipe = popen("tshark --version 2>/dev/null", "r");
	int major = 0, minor = 0;
	char line[256];

	if (!pipe)
		return 0;
	if (!fgets(line, sizeof(line), pipe) || !strpbrk(line, "0123456789") ||
	    sscanf(strpbrk(line, "0123456789"), "%d.%d", &major, &minor) != 2)
		major = minor = 0;
	while (fgets(line, sizeof(line), pipe))
		; /* else it complains of a broken pipe */
	pclose(pipe);
	return major * 100 + minor;
}

/*
 * "0.000000 20.000 192.0.2.1 20000 192.0.2.2 20002 0x00005EED g711A 1000 0 (0.0%) …": the payload
 * may be several words, hence from both ends. False for headings.
 */
static bool read_row(char *line, struct measured *ret_row)
{
	struct measured row = {.expected = -1, .weighted_mean_ms = -1};
	char *words[WORDS_MOST], *save = NULL;
	int count = 0, percent = -1;

	for (char *word = strtok_r(line, " \t\n", &save); word && count < WORDS_MOST;
	     word = strtok_r(NULL, " \t\n", &save)) {
		if (word[0] == '(' && strchr(word, '%'))
			percent = count;
		words[count++] = word;
	}
	if (percent < 9 || percent + 6 >= count || strncmp(words[6], "0x", 2))
		return false;
	snprintf(row.source, sizeof(row.source), strchr(words[2], ':') ? "[%s]:%s" : "%s:%s",
		 words[2], words[3]);
	snprintf(row.destination, sizeof(row.destination),
		 strchr(words[4], ':') ? "[%s]:%s" : "%s:%s", words[4], words[5]);
	row.ssrc = (uint32_t)strtoul(words[6], NULL, 16);
	row.packets = strtol(words[percent - 2], NULL, 10);
	row.lost = strtol(words[percent - 1], NULL, 10);
	row.max_delta_ms = strtod(words[percent + 3], NULL);
	row.min_jitter_ms = strtod(words[percent + 4], NULL);
	row.mean_jitter_ms = strtod(words[percent + 5], NULL);
	row.max_jitter_ms = strtod(words[percent + 6], NULL);
	row.has_jitter = row.min_jitter_ms >= 0;
	*ret_row = row;
	return true;
}

int measure_tshark(const char *path, const struct measurement *rows,
		   struct measurement *ret_measurement)
{
	static struct measurement m;
	char command[COMMAND_MOST], line[1024];
	size_t used = (size_t)snprintf(command, sizeof(command), "tshark -n -r '%s' -q", path);
	FILE *pipe;

	for (size_t i = 0; i < rows->count && used + 64 < sizeof(command); i++)
		used += (size_t)snprintf(command + used, sizeof(command) - used,
					 " -d udp.port==%s,rtp",
					 strrchr(rows->row[i].source, ':') + 1);
	snprintf(command + used, sizeof(command) - used, " -z rtp,streams 2>/dev/null");
	pipe = popen(command, "r");
	if (!pipe) {
		printf("%s: %s\n", command, strerror(errno));
		return -errno;
	}
	memset(&m, 0, sizeof(m));
	while (fgets(line, sizeof(line), pipe))
		if (m.count < MEASURED_MOST && read_row(line, &m.row[m.count]))
			m.count++;
	if (pclose(pipe)) {
		printf("failed: %s\n", command);
		return -EIO;
	}
	*ret_measurement = m;
	return 0;
}

/* ------------------------------------------------------------------ a `calls` document */

static json_object *member(json_object *of, const char *name)
{
	json_object *value = NULL;

	json_object_object_get_ex(of, name, &value);
	return value;
}

static void read_stream(json_object *call, json_object *stream, struct measured *ret_row)
{
	const char *direction = json_object_get_string(member(stream, "direction"));
	bool out = direction && !strcmp(direction, "out");
	const char *ssrc = json_object_get_string(member(stream, "ssrc"));
	struct measured row = {.weighted_mean_ms = -1};

	snprintf(row.source, sizeof(row.source), "%s",
		 json_object_get_string(member(call, out ? "local" : "remote")));
	snprintf(row.destination, sizeof(row.destination), "%s",
		 json_object_get_string(member(call, out ? "remote" : "local")));
	row.ssrc = ssrc ? (uint32_t)strtoul(ssrc, NULL, 16) : 0;
	row.packets = json_object_get_int64(member(stream, "packets"));
	row.expected = json_object_get_int64(member(stream, "expected"));
	row.lost = json_object_get_int64(member(stream, "lost"));
	row.has_jitter = member(stream, "max_jitter_ms") != NULL;
	row.min_jitter_ms = json_object_get_double(member(stream, "min_jitter_ms"));
	row.mean_jitter_ms = json_object_get_double(member(stream, "mean_jitter_ms"));
	row.max_jitter_ms = json_object_get_double(member(stream, "max_jitter_ms"));
	row.max_delta_ms = json_object_get_double(member(stream, "max_delta_ms"));
	*ret_row = row;
}

/* The last line that is a `calls` document: `replay --calls` prints a line a packet before it. */
static json_object *read_document(const char *path)
{
	FILE *file = fopen(path, "r");
	json_object *found = NULL;
	char *line = NULL;
	size_t room = 0;

	while (file && getline(&line, &room, file) > 0) {
		json_object *document = strstr(line, "\"calls\"") ? json_tokener_parse(line) : NULL;

		if (!document)
			continue;
		json_object_put(found);
		found = document;
	}
	free(line);
	if (file)
		fclose(file);
	return found;
}

int measure_calls(const char *path, struct measurement *ret_measurement)
{
	static struct measurement m;
	json_object *document = read_document(path),
		    *calls = document ? member(document, "calls") : NULL;

	if (!calls) {
		printf("%s: no document of calls in it\n", path);
		json_object_put(document);
		return -EINVAL;
	}
	memset(&m, 0, sizeof(m));
	for (size_t i = 0; i < json_object_array_length(calls); i++) {
		json_object *call = json_object_array_get_idx(calls, i);
		json_object *streams = member(call, "streams");

		for (size_t k = 0; streams && k < json_object_array_length(streams); k++)
			if (m.count < MEASURED_MOST)
				read_stream(call, json_object_array_get_idx(streams, k),
					    &m.row[m.count++]);
	}
	json_object_put(document);
	*ret_measurement = m;
	return 0;
}
