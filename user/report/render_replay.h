/* SPDX-License-Identifier: GPL-2.0 */
/* What became of a capture's packets: a line each, and their sum. Pure. */
#ifndef USER_REPORT_RENDER_REPLAY_H
#define USER_REPORT_RENDER_REPLAY_H

#include <agfeo/abi.h>
#include <stdio.h>

#include "report/dissect.h"
#include "report/flow.h"

struct replay_line {
	uint64_t number; /* from 1 on, as in every analyser */
	uint64_t time_ns;
	size_t length;
	bool truncated; /* the capture has less of it than it had: the rest was zeros */
	bool tc;
	const struct dissected *dissected;
	const struct agfeo_replay_result *result;
};

struct replay_sum {
	uint64_t packets; /* of the capture */
	uint64_t bytes;
	uint64_t reasons[AGFEO_REASON_COUNT];
	uint64_t remarked;
	uint64_t watched; /* would have been dropped, in monitor mode */
	uint64_t truncated;
	uint64_t backwards; /* their time is before that of a packet before */
	uint64_t not_run;
	uint64_t first_ns, last_ns; /* the capture's clock */
	uint64_t elapsed_ns;	    /* ours */
};

void replay_sum_add(struct replay_sum *sum, const struct replay_line *line);

void render_replay_text(FILE *out, const struct replay_line *line,
			const struct identities *identities);
/*
 * INTERFACE, "replay": {"packet","hook":"xdp|tc","verdict":"pass|drop","reason","device":…|null,
 *  "service":…|null,"dscp_in","dscp_out","class":…|null,"monitor":bool,"time":seconds with
 *  nanoseconds,"protocol":…|null,"source":"ip:port"|null,"destination":…|null,"length",
 *  "truncated":bool}
 * device: the sender's if it is one, else the receiver's. With monitor true, a packet whose verdict
 * is drop passes all the same.
 */
void render_replay_json(FILE *out, const struct replay_line *line,
			const struct identities *identities);

void render_replay_sum_text(FILE *out, const struct replay_sum *sum);
/*
 * {"packets","bytes","passed","dropped","reasons":{"listed":n,…} (only those that occurred),
 *  "remarked","monitored","truncated","backwards","not_run","start","duration_s","replay_s"}
 * monitored: of those dropped, the ones that monitor mode lets pass.
 */
void render_replay_sum_json(FILE *out, const struct replay_sum *sum);

#endif
