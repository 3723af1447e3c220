/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every fuzz target has. Each is a file fuzz_NAME.c with LLVMFuzzerTestOneInput(), linked with
 * libFuzzer (`make fuzz`) or with short.c (`make test`). Inputs that are worth keeping, and all that
 * ever broke something, stand in corpus/NAME.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Once, before the first input; argc and argv are libFuzzer's. Returns 0. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
/* Returns 0. What must not be ends the process. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(condition)                                                                      \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,          \
				#condition);                                                       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* What a program writes, kept: for properties of it, and because an unread text is unproven. */
struct fuzz_text {
	char *text;
	size_t size;
	FILE *out;
};

static inline void fuzz_text_open(struct fuzz_text *text)
{
	text->out = open_memstream(&text->text, &text->size);
	FUZZ_CHECK(text->out);
}

static inline void fuzz_text_close(struct fuzz_text *text)
{
	fclose(text->out);
}

static inline void fuzz_text_release(struct fuzz_text *text)
{
	free(text->text);
}

/* Nothing that a terminal would obey: no control character but the newline, as SECURITY asks. */
static inline bool fuzz_is_harmless(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (((unsigned char)text[i] < ' ' && text[i] != '\n') || text[i] == 0x7f)
			return false;
	return true;
}

/* The input as text that ends. The caller frees. */
static inline char *fuzz_string(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	FUZZ_CHECK(text);
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

#endif
