/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The E-model, ITU-T G.107, as far as a box in the middle can know its inputs: packet loss and how
 * it comes in bursts. All other parameters have the defaults of table 3 of G.107, which leave
 * R = 93.2; delay is not among what can be seen from here, and is taken as none.
 */
#ifndef USER_VOICE_EMODEL_H
#define USER_VOICE_EMODEL_H

#include <stdint.h>

#define EMODEL_R_DEFAULT 93.2 /* Ro - Is of G.107 with its default values */

/* How a codec bears loss: ITU-T G.113, appendix I. */
struct impairment {
	double ie;  /* equipment impairment without loss */
	double bpl; /* packet loss robustness */
};

/* Ie,eff = Ie + (95 - Ie) * Ppl / (Ppl / BurstR + Bpl); loss in percent, burst_ratio >= 1. */
double emodel_r(struct impairment codec, double loss_percent, double burst_ratio);

/* G.107, annex B: 1 .. 4.5. */
double emodel_mos(double r);

/*
 * BurstR: the mean length of the runs of loss over the length that random loss of the same amount
 * would have. 1 where loss is random, or there is none; a run shorter than random is random.
 */
double emodel_burst_ratio(uint64_t lost, uint64_t gaps, uint64_t expected);

#endif
