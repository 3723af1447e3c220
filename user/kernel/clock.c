/* SPDX-License-Identifier: GPL-2.0 */
/* The datapath's coarse clock; see clock.h and pins.h. */
#include "kernel/clock.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/loader.h"
#include "kernel/pins.h"

#define NS_PER_SECOND 1000000000ull

/* The coarse clock advances once a jiffy: its resolution is the length of one. */
static uint64_t jiffy_ns(void)
{
	struct timespec resolution;

	if (clock_getres(CLOCK_MONOTONIC_COARSE, &resolution) || resolution.tv_sec ||
	    !resolution.tv_nsec)
		return NS_PER_SECOND / 250;
	return resolution.tv_nsec;
}

uint64_t loader_tick_ns(bool replay)
{
	return replay ? 1ull << AGFEO_REPLAY_TICK_SHIFT : jiffy_ns() << AGFEO_TICK_SHIFT;
}

uint32_t loader_hz(void)
{
	return (NS_PER_SECOND + jiffy_ns() / 2) / jiffy_ns();
}

int clock_run(int program, uint32_t *ret_tick)
{
	char frame[64] = {}; /* a socket filter is run on an Ethernet frame at least */
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = sizeof(frame),
		    .repeat = 1);

	if (bpf_prog_test_run_opts(program, &run))
		return fail(errno, "program 'clock': it cannot be run");
	*ret_tick = run.retval;
	return 0;
}

int clock_tick(const char *pin, uint32_t *ret_tick)
{
	_cleanup_(closep) int program = -1;
	int err = pins_open_program(pin, "clock", &program);

	return err ? err : clock_run(program, ret_tick);
}
