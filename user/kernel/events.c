/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records of the ring buffer; see events.h. libbpf's reader would move the consumer position under
 * the feet of a second one; this one reads the same layout (linux/bpf.h, BPF_RINGBUF_*) without.
 */
#include "kernel/events.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/pins.h"

#define ONLOOKER_MS 50 /* an onlooker cannot tell new records from those the first has not taken */

struct events {
	int map;
	int lock; /* of the map's folder */
	bool first;
	size_t page;
	size_t size;		       /* of the data: a power of two */
	unsigned long *consumer;       /* what the kernel may overwrite is below it */
	const unsigned long *producer; /* written by the kernel alone */
	const unsigned char *data;     /* mapped twice in a row: a record never wraps */
	unsigned long at;
	uint64_t overruns;
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
	closep(&events->lock);
	free(events);
}

static unsigned long producer_of(const struct events *events)
{
	return __atomic_load_n(events->producer, __ATOMIC_ACQUIRE);
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

/* Becomes the first reader if there is none. */
static void try_to_be_first(struct events *events)
{
	unsigned long taken;

	if (events->first || flock(events->lock, LOCK_EX | LOCK_NB))
		return;
	events->first = true;
	taken = __atomic_load_n(events->consumer, __ATOMIC_ACQUIRE);
	if (taken > events->at)
		events->at = taken;
}

static int open_lock(const char *pin, int *ret_lock)
{
	char path[PATH_MAX];
	int err = pins_path(path, pin, "map", NULL);
	int lock;

	if (err)
		return err;
	lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock < 0)
		return fail(errno, "%s", path);
	*ret_lock = lock;
	return 0;
}

static int pass_over(const void *record, size_t size, void *context)
{
	(void)record;
	(void)size;
	(void)context;
	return 0;
}

int events_open(const char *pin, struct events **ret_events)
{
	_cleanup_(events_freep) struct events *events = calloc(1, sizeof(*events));
	int err;

	if (!events)
		return fail(-ENOMEM, "events");
	events->map = events->lock = -1;
	err = pins_open_map(pin, "events", &events->map);
	if (!err)
		err = open_lock(pin, &events->lock);
	if (err)
		return err;
	err = map_memory(events);
	if (err)
		return fail(err, "map 'events'");

	events->at = __atomic_load_n(events->consumer, __ATOMIC_ACQUIRE);
	try_to_be_first(events);
	if (events->first)
		events_read(events, pass_over, NULL);
	else
		events->at = producer_of(events);
	*ret_events = take_ptr(events);
	return 0;
}

bool events_wait(struct events *events, int milliseconds)
{
	struct pollfd ready = {.fd = events->map, .events = POLLIN};

	try_to_be_first(events);
	if (events->first)
		return poll(&ready, 1, milliseconds) > 0;
	for (; milliseconds > 0 && producer_of(events) == events->at; milliseconds -= ONLOOKER_MS)
		poll(NULL, 0, milliseconds < ONLOOKER_MS ? milliseconds : ONLOOKER_MS);
	return producer_of(events) != events->at;
}

/* Only an onlooker's place can be overwritten: the kernel waits for the first reader. */
static bool overrun(const struct events *events)
{
	return producer_of(events) - events->at > events->size;
}

/* Takes the record at our place. *ret_size < 0: discarded. False: it is still being written. */
static bool take_record(struct events *events, ssize_t *ret_size, unsigned long *ret_next)
{
	const unsigned char *header = events->data + (events->at & (events->size - 1));
	__u32 length = __atomic_load_n((const __u32 *)header, __ATOMIC_ACQUIRE);
	size_t size = length & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

	if (length & BPF_RINGBUF_BUSY_BIT)
		return false;
	*ret_next = events->at + (size + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
	if (size > events->size)
		size = 0; /* overwritten meanwhile: the caller finds out */
	if (size > EVENTS_RECORD_SIZE)
		size = EVENTS_RECORD_SIZE;
	memcpy(events->record, header + BPF_RINGBUF_HDR_SZ, size);
	*ret_size = length & BPF_RINGBUF_DISCARD_BIT ? -1 : (ssize_t)size;
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
			events->overruns++;
			events->at = producer_of(events);
			break;
		}
		if (!there)
			break;
		events->at = next;
		if (events->first)
			__atomic_store_n(events->consumer, next, __ATOMIC_RELEASE);
		if (size >= 0)
			result = callback(events->record, (size_t)size, context);
	}
	return result;
}

uint64_t events_overruns(const struct events *events)
{
	return events->overruns;
}
