/* SPDX-License-Identifier: GPL-2.0 */
/* Loss to R to MOS; see emodel.h. */
#include "voice/emodel.h"

double emodel_r(struct impairment codec, double loss_percent, double burst_ratio)
{
	double effective = codec.ie + (95 - codec.ie) * loss_percent /
					      (loss_percent / burst_ratio + codec.bpl);

	return EMODEL_R_DEFAULT - effective;
}

double emodel_mos(double r)
{
	double mos;

	if (r <= 0)
		return 1;
	if (r >= 100)
		return 4.5;
	mos = 1 + 0.035 * r + 7e-6 * r * (r - 60) * (100 - r);
	return mos < 1 ? 1 : mos; /* the polynomial dips below 1 for R under 6.5 */
}

double emodel_burst_ratio(uint64_t lost, uint64_t gaps, uint64_t expected)
{
	double mean_run, ratio;

	if (!lost || !gaps || lost >= expected)
		return 1;
	mean_run = (double)lost / (double)gaps;
	ratio = mean_run * (1 - (double)lost / (double)expected);
	return ratio < 1 ? 1 : ratio;
}
