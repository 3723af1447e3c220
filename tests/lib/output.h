/* SPDX-License-Identifier: GPL-2.0 */
/* What a renderer writes, as text and as a document. */
#ifndef TESTS_LIB_OUTPUT_H
#define TESTS_LIB_OUTPUT_H

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "check.h"

struct output {
	char *text;
	size_t size;
	FILE *stream;
};

static inline FILE *output_open(struct output *output)
{
	output->stream = open_memstream(&output->text, &output->size);
	if (!output->stream)
		abort();
	return output->stream;
}

static inline const char *output_close(struct output *output)
{
	fclose(output->stream);
	return output->text;
}

static inline void output_release(struct output *output)
{
	free(output->text);
}

#define _output_ _cleanup_(output_release) struct output

static inline struct json_object *parse(const char *text)
{
	enum json_tokener_error error;
	struct json_object *document = json_tokener_parse_verbose(text, &error);

	if (!CHECK_EQ(error, json_tokener_success))
		printf("%s\n", text);
	return document;
}

static inline void jsonp(struct json_object **document)
{
	json_object_put(*document);
}

#define _json_ _cleanup_(jsonp) struct json_object

#endif
