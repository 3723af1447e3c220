/* SPDX-License-Identifier: GPL-2.0 */
/* Records of the ring buffer: several readers, who may be late, slow or gone. */
#include <agfeo/abi.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/events.h"
#include "lib/check.h"
#include "prog/runner_pins.h"

#define EVENT_WORDS (sizeof(struct agfeo_event) / 8)
#define RING_BYTES  4096
#define RING_HOLDS  (RING_BYTES / (sizeof(struct agfeo_event) + BPF_RINGBUF_HDR_SZ))

/* A program that writes its packet's first bytes into the ring: the kernel's side of the buffer. */
static int make_writer(int ring)
{
	struct bpf_insn code[64], *at = code;
	short size = (short)sizeof(struct agfeo_event);
	int program;

	*at++ = (struct bpf_insn){BPF_LDX | BPF_W | BPF_MEM, 7, 1, 0, 0}; /* data */
	*at++ = (struct bpf_insn){BPF_LDX | BPF_W | BPF_MEM, 8, 1, 4, 0}; /* data_end */
	*at++ = (struct bpf_insn){BPF_ALU64 | BPF_MOV | BPF_X, 2, 7, 0, 0};
	*at++ = (struct bpf_insn){BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, size};
	*at++ = (struct bpf_insn){BPF_JMP | BPF_JGT | BPF_X, 2, 8, 2 * EVENT_WORDS + 7, 0};
	for (unsigned i = 0; i < EVENT_WORDS; i++) {
		*at++ = (struct bpf_insn){BPF_LDX | BPF_DW | BPF_MEM, 3, 7, (short)(8 * i), 0};
		*at++ = (struct bpf_insn){BPF_STX | BPF_DW | BPF_MEM, 10, 3, (short)(8 * i) - size,
					  0};
	}
	*at++ = (struct bpf_insn){BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_FD, 0, ring};
	*at++ = (struct bpf_insn){};
	*at++ = (struct bpf_insn){BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0};
	*at++ = (struct bpf_insn){BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -size};
	*at++ = (struct bpf_insn){BPF_ALU64 | BPF_MOV | BPF_K, 3, 0, 0, size};
	*at++ = (struct bpf_insn){BPF_ALU64 | BPF_MOV | BPF_K, 4, 0, 0, 0};
	*at++ = (struct bpf_insn){BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_ringbuf_output};
	*at++ = (struct bpf_insn){BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, XDP_PASS};
	*at++ = (struct bpf_insn){BPF_JMP | BPF_EXIT, 0, 0, 0, 0};
	program =
		bpf_prog_load(BPF_PROG_TYPE_XDP, "writer", "GPL", code, (size_t)(at - code), NULL);
	CHECK(program >= 0);
	return program;
}

static void write_records(int writer, unsigned first, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct agfeo_event event = {.time_ns = first + i, .type = AGFEO_EVENT_DROP};
		LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = &event,
			    .data_size_in = sizeof(event), .repeat = 1);

		CHECK_EQ(bpf_prog_test_run_opts(writer, &run), 0);
	}
}

struct heard {
	unsigned count;
	unsigned first, last;
	bool in_order;
};

static int hear(const void *record, size_t size, void *context)
{
	struct heard *heard = context;
	struct agfeo_event event;

	CHECK_EQ(size, sizeof(event));
	memcpy(&event, record, sizeof(event));
	if (!heard->count)
		heard->first = (unsigned)event.time_ns;
	else
		heard->in_order &= event.time_ns == heard->last + 1ull;
	heard->last = (unsigned)event.time_ns;
	heard->count++;
	return 0;
}

static struct heard listen_to(struct events *events)
{
	struct heard heard = {.in_order = true};

	events_wait(events, 100);
	events_read(events, hear, &heard);
	return heard;
}

/* Far more records than the buffer holds, so that both readers go around it many times. */
static void check_together(int writer, struct events *first, struct events *second)
{
	unsigned next = 1000;

	for (int round = 0; round < 50; round++) {
		struct heard heard;

		write_records(writer, next, 20);
		heard = listen_to(second);
		CHECK(heard.count == 20 && heard.first == next && heard.in_order);
		heard = listen_to(first);
		CHECK(heard.count == 20 && heard.first == next && heard.in_order);
		next += 20;
	}
}

/* One sleeps while the other keeps up: it knows what it lost, and goes on with what is new. */
static void check_overrun(int writer, struct events *first, struct events *second)
{
	struct heard heard;

	for (int round = 0; round < 5; round++) {
		write_records(writer, 1, 30);
		CHECK_EQ(listen_to(first).count, 30);
	}
	CHECK_EQ(listen_to(second).count, 0);
	CHECK_EQ(events_lost(second), 5 * 30);
	CHECK_EQ(events_lost(second), 0);
	write_records(writer, 500, 3);
	heard = listen_to(second);
	CHECK(heard.count == 3 && heard.first == 500);
	CHECK_EQ(events_lost(first), 0);
	listen_to(first);
}

static void test_events(void)
{
	_cleanup_(closep) int ring = own_map(BPF_MAP_TYPE_RINGBUF, "events", 0, 0, RING_BYTES, 0);
	_cleanup_(closep) int writer = make_writer(ring);
	struct events *first = NULL, *second = NULL;

	if (writer < 0)
		return;
	write_records(writer, 1, 2 * RING_HOLDS); /* nobody reads: it fills up */
	if (!CHECK_EQ(events_open(own_pin, &first), 0))
		return;
	CHECK(!events_wait(first, 0));
	CHECK_EQ(listen_to(first).count, 0); /* what was before is not told */
	write_records(writer, 1, 5);
	CHECK(events_wait(first, 0));
	CHECK_EQ(listen_to(first).count, 5);

	if (CHECK_EQ(events_open(own_pin, &second), 0)) {
		check_together(writer, first, second);
		check_overrun(writer, first, second);
		write_records(writer, 700, 4);
		events_free(first); /* without having read them: that is nothing to the other */
		first = NULL;
		CHECK_EQ(listen_to(second).count, 4);
		write_records(writer, 704, RING_HOLDS + 10);
		CHECK_EQ(listen_to(second).count,
			 RING_HOLDS); /* the writer waits for nobody; it counts */
		write_records(writer, 1, 7);
		CHECK_EQ(listen_to(second).count, 7);
	}
	events_free(first);
	events_free(second);
}

int main(void)
{
	if (!own_pins_begin())
		return check_done();
	test_events();
	own_pins_end();
	return check_done();
}
