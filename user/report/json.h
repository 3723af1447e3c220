/* SPDX-License-Identifier: GPL-2.0 */
/*
 * JSON written as it is said, straight into a stream: commas, quotes, escapes. A site of 10,000
 * devices makes a document of a hundred megabytes; as a tree of objects it would be gigabytes.
 * `name` is the key inside an object and NULL inside an array or at the top.
 */
#ifndef USER_REPORT_JSON_H
#define USER_REPORT_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *out;
	bool more; /* the next value needs a comma before it */
};

void json_open(struct json *json, const char *name);  /* { */
void json_close(struct json *json);		      /* } */
void json_array(struct json *json, const char *name); /* [ */
void json_array_end(struct json *json);		      /* ] */

void json_string(struct json *json, const char *name, const char *text); /* NULL gives null */
void json_number(struct json *json, const char *name, uint64_t number);
void json_real(struct json *json, const char *name, double number, int decimals);
void json_boolean(struct json *json, const char *name, bool value);
void json_null(struct json *json, const char *name);
/* A code point 0..63, or null for AGFEO_KEEP. */
void json_dscp(struct json *json, const char *name, uint8_t dscp);
/* Seconds since the epoch with milliseconds, from nanoseconds. */
void json_time(struct json *json, const char *name, uint64_t ns);

/* Ends the document (or the object of a stream) with a newline. */
void json_end(struct json *json);

#endif
