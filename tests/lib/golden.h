/* SPDX-License-Identifier: GPL-2.0 */
/* Texts that were read once and found good: tests/unit/golden. */
#ifndef TESTS_LIB_GOLDEN_H
#define TESTS_LIB_GOLDEN_H

/*
 * The text is the file's, to the letter. With AGFEO_WRITE_GOLDEN=1 in the environment it is written
 * to the file instead: read the difference before it is committed.
 */
void check_golden(const char *name, const char *text);

#endif
