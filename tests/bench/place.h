/* SPDX-License-Identifier: GPL-2.0 */
/* The three namespaces of a contender: PREFIX-gen, PREFIX-dut, PREFIX-snk. bench.sh makes them. */
#ifndef TESTS_BENCH_PLACE_H
#define TESTS_BENCH_PLACE_H

struct place {
	int generator;
	int box;
	int behind;
	unsigned char mac[6]; /* of d0 */
};

/* 0, or negative having said why. Ends in the box. */
int place_open(const char *prefix, struct place *ret_place);
/* This thread goes there. */
int place_enter(int namespace);

#endif
