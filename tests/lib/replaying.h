/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Captures made and replayed by the tool, in a folder that goes away at the end. The tool is the one
 * with the sanitizers.
 */
#ifndef TESTS_LIB_REPLAYING_H
#define TESTS_LIB_REPLAYING_H

#include <json-c/json.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>

#include "frame.h"

#define SECOND	    1000000000ull
#define MILLISECOND 1000000ull

int replaying_begin(void);
void replaying_end(void);
/* The path of a file in the folder. */
const char *replaying_path(const char *name, char path[256]);
void replaying_write(const char *name, const char *text);

/* A capture in the making; link is a DLT_… */
struct tape {
	pcap_t *dead;
	pcap_dumper_t *dumper;
};

struct tape tape_open(const char *name, int link);
/* kept: bytes that are there; length: that the packet had. */
void tape_put(struct tape *tape, uint64_t ns, const void *bytes, size_t kept, size_t length);
void tape_close(struct tape *tape);

/* As corpus/words.h has them; words that make no packet are a failure. */
struct frame_bytes frame_of(const char *words);

struct run {
	struct json_object **lines; /* every line of standard output must be JSON */
	size_t count;
	int status;
};

void run_release(struct run *run);
#define _run_ _cleanup_(run_release) struct run

/* `agfeoctl -c CONFIG --json replay ARGUMENTS` in the folder. */
struct run replay(const char *config, const char *arguments);
/* Whether the last run said that on standard error. */
bool has_said(const char *text);

/* Members of an object that may not be there. The text of null is "null". */
struct json_object *member(struct json_object *object, const char *name);
const char *text_of(struct json_object *object, const char *name);
int64_t number_of(struct json_object *object, const char *name);
bool flag_of(struct json_object *object, const char *name);

#endif
