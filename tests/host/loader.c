/* SPDX-License-Identifier: GPL-2.0 */
/* A loader whose maps and programs are the host's; see box.h. */
#include "kernel/loader.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "host/box.h"
#include "host/maps.h"
#include "kernel/clock.h"
#include "kernel/publish.h"
#include "kernel/registry.h"

#define FIRST_PROGRAM (1 << 21) /* descriptors of programs: a box's number, the program's */
#define BOXES	      8
#define PROGRAMS      16
#define NET_IP_ALIGN  2
#define FRAME_LEAST   14 /* bytes: the kernel runs nothing shorter */

struct loader {
	int number;
	struct agfeo_program_config config;
	struct host_map **maps;
	size_t map_count;
};

static struct loader *boxes[BOXES];
static struct loader *last;

/* ------------------------------------------------------------------ opening */

void loader_free(struct loader *loader)
{
	if (!loader)
		return;
	for (size_t i = 0; i < loader->map_count; i++)
		host_map_free(loader->maps[i]);
	if (boxes[loader->number] == loader)
		boxes[loader->number] = NULL;
	if (last == loader)
		last = NULL;
	free(loader->maps);
	free(loader);
}

/* As the loader does it: flow tables as configured, twice the names that are needed. */
static __u32 entries_of(const struct host_shape *shape, const struct policy *policy)
{
	size_t wanted = shape->entries;

	if (policy && shape->type == BPF_MAP_TYPE_LRU_HASH &&
	    (!strncmp(shape->name, "voice", 5) || !strncmp(shape->name, "signalling", 10) ||
	     !strncmp(shape->name, "others", 6)) &&
	    policy->site->flow_count)
		return policy->site->flow_count;
	if (policy &&
	    (!strcmp(shape->name, "device_names") || !strcmp(shape->name, "device_counters")))
		wanted = 2 * registry_devices_needed(policy);
	if (policy && (!strcmp(shape->name, "counter_names") || !strcmp(shape->name, "counters")))
		wanted = 2 * registry_counters_needed(policy);
	if (policy && !strcmp(shape->name, "way_cache") && loader_forwards_fast(policy))
		wanted = AGFEO_CACHE_SEATS + 1;
	return wanted > shape->entries ? (__u32)wanted : shape->entries;
}

static int make_maps(struct loader *loader, const struct policy *policy)
{
	const struct host_shape *shapes = host_program_maps(&loader->map_count);

	loader->maps = calloc(loader->map_count, sizeof(*loader->maps));
	for (size_t i = 0; loader->maps && i < loader->map_count; i++) {
		struct host_shape shape = shapes[i];

		shape.entries = entries_of(&shape, policy);
		loader->maps[i] = host_map_new(&shape);
		if (!loader->maps[i])
			return -ENOMEM;
	}
	return loader->maps ? 0 : -ENOMEM;
}

int loader_open(const struct policy *policy, const struct loader_options *options,
		struct loader **ret_loader)
{
	_cleanup_(loader_freep) struct loader *loader = calloc(1, sizeof(*loader));
	int err, number = 0;

	while (number < BOXES && boxes[number])
		number++;
	if (!loader || number == BOXES)
		return fail(-ENOMEM, "loader");
	loader->number = number;
	loader_constants(policy, options, true, &loader->config);
	err = make_maps(loader, policy);
	boxes[number] = loader;
	if (!err && policy && !options->unpublished)
		err = publish(loader, policy, options->pickup);
	if (err)
		return err;
	last = loader;
	*ret_loader = take_ptr(loader);
	return 0;
}

int loader_publish(struct loader *loader, const struct policy *policy)
{
	return publish(loader, policy, false);
}

/* ------------------------------------------------------------------ its parts */

struct host_map *host_box_map(const struct loader *loader, const char *name)
{
	for (size_t i = 0; i < loader->map_count; i++)
		if (!strcmp(host_map_shape(loader->maps[i])->name, name))
			return loader->maps[i];
	return NULL;
}

int loader_map(const struct loader *loader, const char *name)
{
	const struct host_map *map = host_box_map(loader, name);

	return map ? host_map_fd(map) : -ENOENT;
}

int loader_program(const struct loader *loader, const char *name)
{
	int program = host_program_find(name);

	return program < 0 ? program : FIRST_PROGRAM + loader->number * PROGRAMS + program;
}

int loader_tick(const struct loader *loader, uint32_t *ret_tick)
{
	return clock_run(loader_program(loader, "clock"), ret_tick);
}

int host_box_pinned(const char *path)
{
	int found = -ENOENT;

	if (last && !strncmp(path, HOST_PIN "/map/", strlen(HOST_PIN "/map/")))
		found = loader_map(last, path + strlen(HOST_PIN "/map/"));
	else if (last && !strncmp(path, HOST_PIN "/prog/", strlen(HOST_PIN "/prog/")))
		found = loader_program(last, path + strlen(HOST_PIN "/prog/"));
	return found;
}

static void forget(struct loader *loader)
{
	static const char *const others[] = {"strangers",   "event_budgets", "flow_index",
					     "cache_index", "flow_cache",    "cache_hands"};

	for (size_t i = 0; i < loader->map_count; i++)
		if (host_map_shape(loader->maps[i])->type == BPF_MAP_TYPE_LRU_HASH)
			host_clear(loader->maps[i]);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		host_clear(host_box_map(loader, others[i]));
}

void host_box_forget(int map)
{
	for (size_t i = 0; i < BOXES; i++)
		for (size_t j = 0; boxes[i] && j < boxes[i]->map_count; j++)
			if (host_map_fd(boxes[i]->maps[j]) == map)
				forget(boxes[i]);
}

/* ------------------------------------------------------------------ running */

/* The context is XDP's or tc's: its size tells. */
static void read_context(const struct bpf_test_run_opts *options, struct host_packet *packet)
{
	packet->ifindex = packet->arrived_on = 1; /* loopback, as the kernel has it */
	if (options->ctx_size_in == sizeof(struct xdp_md)) {
		packet->ifindex = ((const struct xdp_md *)options->ctx_in)->ingress_ifindex;
	} else if (options->ctx_size_in == sizeof(struct __sk_buff)) {
		packet->ifindex = ((const struct __sk_buff *)options->ctx_in)->ifindex;
		packet->arrived_on = ((const struct __sk_buff *)options->ctx_in)->ingress_ifindex;
	}
}

static int write_back(struct bpf_test_run_opts *options, const struct host_packet *packet)
{
	if (options->ctx_out && options->ctx_size_out == sizeof(struct __sk_buff))
		((struct __sk_buff *)options->ctx_out)->priority = packet->priority;
	if (options->data_out && options->data_size_out < packet->length)
		return -ENOSPC;
	if (options->data_out)
		memcpy(options->data_out, packet->data, packet->length);
	options->data_size_out = (__u32)packet->length;
	options->duration = 1;
	return 0;
}

/* The frame is memory that ends where it ends: a sanitizer sees what reads beyond it. */
int host_box_run(int program, struct bpf_test_run_opts *options)
{
	int number = (program - FIRST_PROGRAM) / PROGRAMS, err;
	struct host_packet packet = {.length = options->data_size_in};
	unsigned char *memory;
	size_t shift;

	if (program < FIRST_PROGRAM || number >= BOXES || !boxes[number])
		return -EBADF;
	if (options->data_size_in < FRAME_LEAST)
		return -EINVAL;
	read_context(options, &packet);
	program = (program - FIRST_PROGRAM) % PROGRAMS;
	shift = host_program_has_link(program) ? NET_IP_ALIGN : 0;
	memory = malloc(shift + packet.length);
	if (!memory)
		return -ENOMEM;
	packet.data = memory + shift;
	host_program_use(boxes[number]->maps, &boxes[number]->config);
	for (int i = 0; i < (options->repeat > 0 ? options->repeat : 1); i++) {
		memcpy(packet.data, options->data_in, packet.length);
		options->retval = (__u32)host_program_run(program, &packet);
	}
	err = write_back(options, &packet);
	free(memory);
	return err;
}
