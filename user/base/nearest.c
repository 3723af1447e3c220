/* SPDX-License-Identifier: GPL-2.0 */
/* Optimal string alignment distance: Levenshtein's, with swapped neighbours as one mistake. */
#include "base/nearest.h"

#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#define LETTERS 63

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned length_of(const char *word)
{
	return strnlen(word, LETTERS);
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

unsigned word_distance(const char *a, const char *b)
{
	unsigned rows = length_of(a), columns = length_of(b);
	unsigned cost[LETTERS + 1][LETTERS + 1];

	for (unsigned i = 0; i <= rows; i++)
		cost[i][0] = i;
	for (unsigned j = 0; j <= columns; j++)
		cost[0][j] = j;

	for (unsigned i = 1; i <= rows; i++) {
		for (unsigned j = 1; j <= columns; j++) {
			unsigned best = cost[i - 1][j - 1] + !same(a[i - 1], b[j - 1]);

			best = least(best, least(cost[i - 1][j], cost[i][j - 1]) + 1);
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
				best = least(best, cost[i - 2][j - 2] + 1);
			cost[i][j] = best;
		}
	}
	return cost[rows][columns];
}

const char *word_nearest(const char *word, const char *const *words)
{
	const char *nearest = NULL;
	unsigned nearest_distance = UINT_MAX;

	for (; *words; words++) {
		unsigned distance = word_distance(word, *words);

		if (distance < nearest_distance) {
			nearest = *words;
			nearest_distance = distance;
		}
	}
	if (!nearest)
		return NULL;
	if (nearest_distance > 2 && nearest_distance > length_of(nearest) / 3)
		return NULL;
	return nearest;
}
