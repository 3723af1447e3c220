/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The conformance corpus: conversations, packet by packet, with what must become of each. A row
 * begins without flows, without mid-stream pickup and with full budgets; its packets meet the box
 * in order. Packets are written as words.h says, sites as the configuration file is.
 *
 * The same rows run through the reference model, through the programs in the kernel, and, written
 * as captures, through anybody's firewall.
 */
#ifndef TESTS_CORPUS_ROWS_H
#define TESTS_CORPUS_ROWS_H

#include <agfeo/abi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STEPS_MOST 16

/* How a packet arrives: from a device through XDP, or through tc on its way to one. */
enum row_hook { ROW_XDP, ROW_TC };

struct step {
	enum row_hook hook;
	const char *packet;
	enum agfeo_verdict verdict;
	enum agfeo_reason reason;
	uint8_t dscp;	   /* that it leaves with, or AGFEO_KEEP: as it came */
	unsigned after_ms; /* since the packet before; 0: 20 ms */
	unsigned times;	   /* so many of the same, 20 ms apart; 0: one */
};

struct row {
	const char *what;
	const char *site; /* one of those below */
	bool pickup;	  /* the box was loaded a moment ago: mid-stream TCP is picked up */
	struct step steps[STEPS_MOST]; /* up to the first without a packet */
};

#define STEP_MS 20

extern const char site_office[];   /* sites.c says what stands where */
extern const char site_closed[];   /* office, and unknown = drop */
extern const char site_watched[];  /* office, and mode = monitor */
extern const char site_bleached[]; /* office, others = bleach, signalling = cs3 */
extern const char site_unmarked[]; /* office, voice = keep */
extern const char site_narrow[];   /* office, new-flows = 2 */

/* All rows. */
size_t rows_count(void);
const struct row *rows_at(size_t index);
size_t row_length(const struct row *row);

/* The rows by chapter, for rows.c. */
struct row_list {
	const struct row *rows;
	size_t count;
};
extern const struct row_list rows_services, rows_flows, rows_tcp, rows_icmp, rows_wire,
	rows_fragments, rows_marks, rows_guards;

#endif
