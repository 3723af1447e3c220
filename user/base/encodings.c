/* SPDX-License-Identifier: GPL-2.0 */
/* Encodings of voice by name; see encodings.h. */
#include "base/encodings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "base/cleanup.h"

#define MOST_RATE 192000

static const struct {
	const char *name;
	unsigned rate;
	enum agfeo_encoding_kind kind;
} rows[AGFEO_ENCODING_COUNT] = {{"", 0, AGFEO_ENCODING_AUDIO},
#define X(id, name, rate, kind) {name, rate, AGFEO_ENCODING_##kind},
				AGFEO_ENCODINGS(X)
#undef X
};

static uint8_t known(uint8_t encoding)
{
	return encoding < AGFEO_ENCODING_COUNT ? encoding : AGFEO_ENCODING_NONE;
}

const char *encoding_name(uint8_t encoding)
{
	return rows[known(encoding)].name;
}

unsigned encoding_rate(uint8_t encoding)
{
	return rows[known(encoding)].rate;
}

enum agfeo_encoding_kind encoding_kind(uint8_t encoding)
{
	return rows[known(encoding)].kind;
}

const char *encoding_format(uint8_t encoding, char *text)
{
	const char *name = encoding_name(encoding);

	snprintf(text, ENCODING_TEXT, "%s%s%u", name, *name ? "/" : "", encoding_rate(encoding));
	return text;
}

const char *const *encoding_names(void)
{
	static const char *names[AGFEO_ENCODING_COUNT + 1];
	size_t count = 0;

	if (names[0])
		return names;
	/* Those with several rates stand together. */
	for (size_t i = 1; i < ARRAY_SIZE(rows); i++)
		if (*rows[i].name && strcmp(rows[i].name, rows[i - 1].name) != 0)
			names[count++] = rows[i].name;
	return names;
}

const char *encoding_rates(const char *name, char *text, size_t size)
{
	size_t left = 0, used = 0;

	for (size_t i = 1; i < ARRAY_SIZE(rows); i++)
		left += !strcasecmp(rows[i].name, name);
	*text = '\0';
	for (size_t i = 1; i < ARRAY_SIZE(rows) && used < size; i++) {
		if (strcasecmp(rows[i].name, name) != 0)
			continue;
		left--;
		used += (size_t)snprintf(text + used, size - used, "%u%s", rows[i].rate,
					 left > 1 ? ", " : (left ? " or " : ""));
	}
	return text;
}

/* Of one name all rows, with that rate, or with any where rate is 0. */
static int find(const char *name, uint64_t rate, uint8_t *ret_encoding)
{
	size_t named = 0, fitting = 0, found = 0;

	for (size_t i = ARRAY_SIZE(rows) - 1; i; i--) {
		if (strcasecmp(rows[i].name, name) != 0)
			continue;
		named++;
		if (rate && rows[i].rate != rate)
			continue;
		fitting++;
		found = i;
	}
	if (!named)
		return -ENOENT;
	if (!fitting)
		return -ERANGE;
	/* What takes no part in the jitter has no need of a rate. */
	if (fitting > 1 && rows[found].kind == AGFEO_ENCODING_AUDIO)
		return -ENODATA;
	*ret_encoding = (uint8_t)found;
	return 0;
}

int encoding_parse(const char *text, uint8_t *ret_encoding)
{
	char name[ENCODING_TEXT], *slash, *channels;
	uint64_t rate = 0, count;

	if (!number_parse(text, 1, MOST_RATE, &rate))
		return find("", rate, ret_encoding);
	if (strlen(text) >= sizeof(name))
		return -ENOENT;
	strcpy(name, text);
	slash = strchr(name, '/');
	if (!slash)
		return *name ? find(name, 0, ret_encoding) : -ENOENT;
	*slash++ = '\0';
	channels = strchr(slash, '/');
	if (channels)
		*channels++ = '\0';
	if (!*name)
		return -ENOENT;
	if (number_parse(slash, 1, MOST_RATE, &rate) ||
	    (channels && number_parse(channels, 1, 255, &count)))
		rate = UINT64_MAX; /* none that anything has: what has the name is told */
	return find(name, rate, ret_encoding);
}
