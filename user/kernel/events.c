/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records of the ring buffer; see events.h. libbpf's reader would move the consumer position under
 * the feet of a second one; this one reads the same layout (linux/bpf.h, BPF_RINGBUF_*) without.
 */
#include "kernel/events.h"

#include <agfeo/abi.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/pins.h"

/* The kernel wakes who waits only for a record that nobody took: another reader may be faster. */
#define SLICE_MS 50

struct events {
	int map;
	size_t page;
	size_t size;		       /* of the data: a power of two */
	unsigned long *consumer;       /* what the kernel may overwrite is below it */
	const unsigned long *producer; /* written by the kernel alone */
	const unsigned char *data;     /* mapped twice in a row: a record never wraps */
	unsigned long at;
	size_t stride; /* of a record with its header */
	uint64_t lost;
	_Alignas(8) char record[EVENTS_RECORD_SIZE];
};

void events_free(struct events *events)
{
	if (!events)
		return;
	if (events->consumer)
		munmap(events->consumer, events->page);
	if (events->producer)
		munmap((void *)events->producer, events->page + 2 * events->size);
	closep(&events->map);
	free(events);
}

static unsigned long producer_of(const struct events *events)
{
	return __atomic_load_n(events->producer, __ATOMIC_ACQUIRE);
}

static size_t stride_of(size_t size)
{
	return (size + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
}

static int map_memory(struct events *events)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);
	void *memory;

	if (bpf_obj_get_info_by_fd(events->map, &info, &length))
		return -errno;
	if (info.type != BPF_MAP_TYPE_RINGBUF)
		return -EPROTO;
	events->page = (size_t)sysconf(_SC_PAGESIZE);
	events->size = info.max_entries;
	memory = mmap(NULL, events->page, PROT_READ | PROT_WRITE, MAP_SHARED, events->map, 0);
	if (memory == MAP_FAILED)
		return -errno;
	events->consumer = memory;
	memory = mmap(NULL, events->page + 2 * events->size, PROT_READ, MAP_SHARED, events->map,
		      (off_t)events->page);
	if (memory == MAP_FAILED)
		return -errno;
	events->producer = memory;
	events->data = (const unsigned char *)memory + events->page;
	return 0;
}

/* We need nothing below our place any more. Never backwards: another reader may be further. */
static void release(struct events *events)
{
	unsigned long taken = __atomic_load_n(events->consumer, __ATOMIC_ACQUIRE);

	while ((long)(events->at - taken) > 0 &&
	       !__atomic_compare_exchange_n(events->consumer, &taken, events->at, false,
					    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		;
}

int events_open(const char *pin, struct events **ret_events)
{
	_cleanup_(events_freep) struct events *events = calloc(1, sizeof(*events));
	int err;

	if (!events)
		return fail(-ENOMEM, "events");
	events->map = -1;
	events->stride = stride_of(sizeof(struct agfeo_event));
	err = pins_open_map(pin, "events", &events->map);
	if (err)
		return err;
	err = map_memory(events);
	if (err)
		return fail(err, "map 'events'");
	events->at = producer_of(events);
	release(events);
	*ret_events = take_ptr(events);
	return 0;
}

bool events_wait(struct events *events, int milliseconds)
{
	struct pollfd ready = {.fd = events->map, .events = POLLIN};

	for (; milliseconds > 0 && producer_of(events) == events->at; milliseconds -= SLICE_MS)
		poll(&ready, 1, milliseconds < SLICE_MS ? milliseconds : SLICE_MS);
	return producer_of(events) != events->at;
}

/* Our place may have been written anew: asked after what stood there was copied. */
static bool overrun(const struct events *events)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return producer_of(events) - events->at > events->size;
}

static void skip_lost(struct events *events)
{
	unsigned long end = producer_of(events);

	events->lost += (end - events->at) / events->stride;
	events->at = end;
	release(events);
}

/* Takes the record at our place. *ret_size < 0: discarded. False: it is still being written. */
static bool take_record(struct events *events, ssize_t *ret_size, unsigned long *ret_next)
{
	const unsigned char *header = events->data + (events->at & (events->size - 1));
	__u32 length = __atomic_load_n((const __u32 *)header, __ATOMIC_ACQUIRE);
	size_t size = length & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

	if (length & BPF_RINGBUF_BUSY_BIT)
		return false;
	*ret_next = events->at + stride_of(size);
	if (size > events->size)
		size = 0; /* overwritten meanwhile: the caller finds out */
	if (size > EVENTS_RECORD_SIZE)
		size = EVENTS_RECORD_SIZE;
	memcpy(events->record, header + BPF_RINGBUF_HDR_SZ, size);
	*ret_size = (length & BPF_RINGBUF_DISCARD_BIT) ? -1 : (ssize_t)size;
	return true;
}

int events_read(struct events *events,
		int (*callback)(const void *record, size_t size, void *context), void *context)
{
	unsigned long end = producer_of(events), next;
	int result = 0;

	while (!result && events->at != end) {
		ssize_t size;
		bool there = take_record(events, &size, &next);

		if (overrun(events)) {
			skip_lost(events);
			break;
		}
		if (!there)
			break;
		events->stride = next - events->at;
		events->at = next;
		release(events);
		if (size >= 0)
			result = callback(events->record, (size_t)size, context);
	}
	return result;
}

uint64_t events_lost(struct events *events)
{
	uint64_t lost = events->lost;

	events->lost = 0;
	return lost;
}
