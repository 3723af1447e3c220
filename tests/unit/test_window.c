/* SPDX-License-Identifier: GPL-2.0 */
/* bpf/window.h on the host: a window that moves at once against one that moves number by number. */
#include "window.h"

#include <stdlib.h>

#include "check.h"

static bool same_gaps(__u64 window, const struct agfeo_gaps *a, const struct agfeo_gaps *b)
{
	/* The length of the newest run matters only while it may go on. */
	return a->lost == b->lost && a->gaps == b->gaps && a->longest == b->longest &&
	       (window >> AGFEO_STREAM_WINDOW || a->run == b->run);
}

static void test_random(void)
{
	unsigned wrong = 0, seed = 1;

	for (unsigned round = 0; round < 200000; round++) {
		unsigned ahead = round % (AGFEO_STREAM_WINDOW + 1), density = round / 64 % 4;
		struct agfeo_gaps many = {.longest = 3}, once;
		__u64 window = 0, moved;

		for (unsigned bit = 0; bit < 64; bit++)
			window =
				window << 1 | (__u64) !!(rand_r(&seed) >> 4 & ((2 << density) - 1));
		window = density == 3 && round % 5 == 0 ? ~window : window;
		many.run = window >> AGFEO_STREAM_WINDOW ? 0 : 1 + round % 3;
		once = many;
		moved = window_move(window, ahead, &once);
		for (unsigned i = 0; i < ahead; i++)
			window = agfeo_window_shift(window, &many);
		wrong += moved != window || !same_gaps(window, &once, &many);
	}
	CHECK_EQ(wrong, 0);
}

int main(void)
{
	test_random();
	return check_done();
}
