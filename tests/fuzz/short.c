/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A target without libFuzzer, for `make test`: every file of the corpus, then variations of them
 * that are the same each time (bytes changed, taken out, doubled, spliced from another file), for a
 * few seconds at most. It finds what broke once, and keeps the targets alive; new ways in are found
 * by `make fuzz`, which sees where an input leads.
 *
 *	fuzz_NAME FOLDER [SECONDS]
 */
#include <dirent.h>
#include <time.h>

#include "check.h"
#include "fuzz.h"

#define INPUTS_MOST 1024
#define INPUT_MOST  8192 /* bytes; files of the corpus have 4096 at most */
#define VARIATIONS  20000
#define SECONDS	    2

struct input {
	uint8_t *bytes;
	size_t size;
};

static struct input inputs[INPUTS_MOST];
static size_t input_count;

/* ------------------------------------------------------------------ the corpus */

static void read_input(const char *folder, const char *name)
{
	struct input *input = &inputs[input_count];
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "r");
	if (!CHECK(file && input_count < INPUTS_MOST))
		return;
	input->bytes = malloc(INPUT_MOST);
	if (!input->bytes)
		abort();
	input->size = fread(input->bytes, 1, INPUT_MOST, file);
	CHECK(input->size < INPUT_MOST);
	input_count++;
	fclose(file);
}

static void read_corpus(const char *folder)
{
	struct dirent **names;
	int count = scandir(folder, &names, NULL, alphasort);

	CHECK(count > 2);
	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.')
			read_input(folder, names[i]->d_name);
		free(names[i]);
	}
	if (count > 0)
		free(names);
}

/* Memory of the input's size: a sanitizer sees what reads beyond it. */
static void run(const uint8_t *bytes, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);

	memcpy(exact, bytes, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

/* ------------------------------------------------------------------ variations */

static uint64_t random_state = 1;

static size_t below(size_t limit) /* xorshift */
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return limit ? random_state % limit : 0;
}

/* Puts `size` bytes into the place of `gone` bytes at `at`. */
static void splice(struct input *to, size_t at, size_t gone, const uint8_t *bytes, size_t size)
{
	uint8_t copy[INPUT_MOST];

	if (to->size - gone + size > INPUT_MOST)
		return;
	memcpy(copy, bytes, size);
	memmove(to->bytes + at + size, to->bytes + at + gone, to->size - at - gone);
	memcpy(to->bytes + at, copy, size);
	to->size += size - gone;
}

static void vary(struct input *input)
{
	static const uint8_t odd[] = {0, 1, 0x7f, 0x80, 0xff, '\n', '"', ',', '/', '-', '0', '9'};
	const struct input *other = &inputs[below(input_count)];
	size_t at = below(input->size), left = input->size - at, from = below(other->size);

	if (!input->size)
		return;
	switch (below(5)) {
	case 0:
		input->bytes[at] ^= (uint8_t)(1 << below(8));
		break;
	case 1:
		input->bytes[at] = odd[below(sizeof(odd))];
		break;
	case 2:
		splice(input, at, below(left < 16 ? left : 16), other->bytes, 0);
		break;
	case 3:
		splice(input, at, 0, input->bytes + at, below(left < 64 ? left : 64));
		break;
	case 4:
		splice(input, at, 0, other->bytes + from, below(other->size - from));
		break;
	}
}

static unsigned run_variations(time_t end)
{
	uint8_t bytes[INPUT_MOST];
	unsigned count = 0;

	while (count < VARIATIONS && time(NULL) < end) {
		const struct input *from = &inputs[below(input_count)];
		struct input input = {bytes, from->size};

		memcpy(bytes, from->bytes, from->size);
		for (size_t i = below(4); i < 4; i++)
			vary(&input);
		run(input.bytes, input.size);
		count++;
	}
	return count;
}

int main(int argc, char **argv)
{
	int seconds = argc > 2 ? atoi(argv[2]) : SECONDS;

	if (argc < 2)
		return 2;
	LLVMFuzzerInitialize(&argc, &argv);
	read_corpus(argv[1]);
	if (!CHECK(input_count > 0))
		return check_done();
	for (size_t i = 0; i < input_count; i++)
		run(inputs[i].bytes, inputs[i].size);
	printf("%zu files, %u variations\n", input_count, run_variations(time(NULL) + seconds));
	for (size_t i = 0; i < input_count; i++)
		free(inputs[i].bytes);
	return check_done();
}
