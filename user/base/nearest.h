/* SPDX-License-Identifier: GPL-2.0 */
/* "Did you mean …": the word of a list that is nearest to what was typed. */
#ifndef USER_BASE_NEAREST_H
#define USER_BASE_NEAREST_H

/* Letters to add, remove, change or swap with their neighbour to make one word of the other; case
 * does not count. Words longer than 63 letters are compared by their first 63. */
unsigned word_distance(const char *a, const char *b);

/* The nearest of a NULL-terminated list, the first of equals; NULL when the list is empty or none
 * is near enough that somebody may have meant it (a third of its letters, at least 2). */
const char *word_nearest(const char *word, const char *const *words);

#endif
