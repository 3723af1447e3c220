/* SPDX-License-Identifier: GPL-2.0 */
/* The skeleton opened, sized, told what the kernel can do, and loaded; see loader.h. */
#include "kernel/loader.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>

#include "agfeo.skel.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/names.h"
#include "kernel/adopt.h"
#include "kernel/clock.h"
#include "kernel/pin_object.h"
#include "kernel/pins.h"
#include "kernel/privilege.h"
#include "kernel/probe.h"
#include "kernel/publish.h"
#include "kernel/registry.h"
#include "kernel/requirement.h"

#define XDP_HAS_FRAGS (1u << 5) /* BPF_F_XDP_HAS_FRAGS */

#define MAX_PROGRAMS 32

struct loader {
	struct agfeo *skeleton;
	uint64_t hash;
	int pinned[MAX_PROGRAMS]; /* in the skeleton's order: programs that need no loading */
	size_t pinned_count;
	struct adoption adoption;
};

void loader_free(struct loader *loader)
{
	if (!loader)
		return;
	for (size_t i = 0; i < loader->pinned_count; i++)
		close(loader->pinned[i]);
	adoption_release(&loader->adoption);
	agfeo__destroy(loader->skeleton);
	free(loader);
}

/* libbpf's own words are for who asked for them; ours say what it means. */
static int print_libbpf(enum libbpf_print_level level, const char *format, va_list arguments)
{
	_cleanup_(freep) char *text = NULL;

	if (level == LIBBPF_DEBUG || vasprintf(&text, format, arguments) < 0)
		return 0;
	note("%.*s", (int)strlen(text) - (text[0] && text[strlen(text) - 1] == '\n'), text);
	return 0;
}

/* ------------------------------------------------------------------ sizes */

static int resize(struct agfeo *skeleton, const char *name, size_t entries)
{
	struct bpf_map *map = bpf_object__find_map_by_name(skeleton->obj, name);
	int err;

	if (!map)
		return fail(-ENOENT, "map '%s' is not in the programs", name);
	if (bpf_map__max_entries(map) >= entries)
		return 0;
	err = bpf_map__set_max_entries(map, entries);
	return err ? fail(err, "map '%s': %zu entries", name, entries) : 0;
}

/* The configuration's size holds exactly, also below the minimum. */
static int set_flow_tables(struct agfeo *skeleton, unsigned entries)
{
	static const char *const tables[] = {"voice4",	    "voice6",  "signalling4",
					     "signalling6", "others4", "others6"};

	for (size_t i = 0; entries && i < ARRAY_SIZE(tables); i++) {
		struct bpf_map *map = bpf_object__find_map_by_name(skeleton->obj, tables[i]);
		int err = map ? bpf_map__set_max_entries(map, entries) : -ENOENT;

		if (err)
			return fail(err, "map '%s': %u entries", tables[i], entries);
	}
	return 0;
}

/* Behind the seats that flows share, each CPU has one; ways are kept only where some interface is fast. */
static int set_flow_cache(struct agfeo *skeleton, bool fast)
{
	size_t entries = AGFEO_CACHE_SEATS + (size_t)libbpf_num_possible_cpus();
	int err = resize(skeleton, "flow_cache", entries);

	if (!err)
		err = fast ? resize(skeleton, "way_cache", entries) : 0;
	return err;
}

/* Twice what is needed: room for the devices and services that later loads bring. */
static int set_sizes(struct agfeo *skeleton, const struct policy *policy)
{
	size_t devices = 2 * registry_devices_needed(policy);
	size_t counters = 2 * registry_counters_needed(policy);
	int err = set_flow_tables(skeleton, policy->site->flow_count);

	if (!err)
		err = set_flow_cache(skeleton, loader_forwards_fast(policy));
	if (!err)
		err = resize(skeleton, "device_names", devices);
	if (!err)
		err = resize(skeleton, "device_counters", devices);
	if (!err)
		err = resize(skeleton, "counter_names", counters);
	return err ? err : resize(skeleton, "counters", counters);
}

/* ------------------------------------------------------------------ opening */

static int tell_programs(struct agfeo *skeleton, const struct policy *policy,
			 const struct loader_options *options)
{
	bool frags = probe_frags();
	struct bpf_program *program;

	loader_constants(policy, options, frags, &skeleton->rodata->agfeo_config);
	bpf_object__for_each_program(program, skeleton->obj)
	{
		int err = 0;

		if (options->no_uplinks && !strncmp(bpf_program__name(program), "xdp_uplink", 10))
			bpf_program__set_autoload(program, false);
		if (frags && bpf_program__type(program) == BPF_PROG_TYPE_XDP)
			err = bpf_program__set_flags(program,
						     bpf_program__flags(program) | XDP_HAS_FRAGS);
		if (err)
			return fail(err, "program '%s'", bpf_program__name(program));
	}
	return 0;
}

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size) /* FNV-1a */
{
	for (const uint8_t *byte = bytes; size; byte++, size--)
		hash = (hash ^ *byte) * 0x100000001b3ull;
	return hash;
}

static uint64_t hash_programs(const struct agfeo *skeleton)
{
	size_t size;
	const void *object = agfeo__elf_bytes(&size);
	uint64_t hash = hash_bytes(0xcbf29ce484222325ull, object, size);

	hash = hash_bytes(hash, skeleton->rodata, sizeof(*skeleton->rodata));
	return hash ? hash : 1;
}

/*
 * The verifier takes seconds, and most loads change the policy only: programs that are pinned and
 * made from the same bytes are taken as they are. That one is missing only means to load them.
 */
static void take_pinned(struct loader *loader, const char *pin)
{
	struct agfeo_meta meta = {};
	struct bpf_program *program;
	char path[PATH_MAX];
	__u32 zero = 0;

	if (bpf_map_lookup_elem(loader_map(loader, "meta"), &zero, &meta) ||
	    meta.programs != loader->hash)
		return;
	bpf_object__for_each_program(program, loader->skeleton->obj)
	{
		int fd = -1;

		if (loader->pinned_count < MAX_PROGRAMS &&
		    !pins_path(path, pin, "prog", bpf_program__name(program)) &&
		    pin_is_ours(pin, "prog", bpf_program__name(program)) > 0)
			fd = bpf_obj_get(path);
		if (fd < 0) {
			while (loader->pinned_count)
				close(loader->pinned[--loader->pinned_count]);
			return;
		}
		loader->pinned[loader->pinned_count++] = fd;
	}
	bpf_object__for_each_program(program, loader->skeleton->obj)
		bpf_program__set_autoload(program, false);
}

/* Kernels before 5.11 charge maps to locked memory, and say EPERM when it is used up. */
static bool memory_is_locked(void)
{
	struct rlimit limit;

	return !getrlimit(RLIMIT_MEMLOCK, &limit) && limit.rlim_cur != RLIM_INFINITY;
}

static int refuse_load(int err)
{
	char missing[PRIVILEGE_TEXT];

	if ((err == -EPERM || err == -EACCES) && *privilege_missing(missing))
		return fail(err,
			    "loading BPF programs needs root, or CAP_BPF, CAP_NET_ADMIN and "
			    "CAP_PERFMON: "
			    "%s is missing",
			    missing);
	if (err == -EPERM && memory_is_locked())
		return fail(
			err,
			"the kernel refuses the maps; before 5.11 it counts them as locked "
			"memory, "
			"which is limited here: 'ulimit -l unlimited', or LimitMEMLOCK=infinity in "
			"a unit");
	if (err == -EPERM)
		return fail(err,
			    "the kernel refuses BPF programs, though this process has the "
			    "capabilities: in a container or user namespace they do not count");
	if (err == -ENOMEM)
		return fail(err,
			    "memory for the maps: a smaller 'flows' under [site] needs less of "
			    "it ('agfeoctl status' shows how much the maps take)");
	return fail(err, "the kernel refuses the programs (say --verbose for its reasons)");
}

static int load_skeleton(struct loader *loader, const struct policy *policy,
			 const struct loader_options *options)
{
	int err = 0;

	loader->skeleton = agfeo__open();
	if (!loader->skeleton)
		return fail(errno, "the programs inside agfeoctl cannot be read");
	if (policy)
		err = set_sizes(loader->skeleton, policy);
	if (!err && options->adopt)
		err = adopt_maps(loader->skeleton->obj, options->pin, policy, &loader->adoption);
	if (!err)
		err = tell_programs(loader->skeleton, policy, options);
	if (err)
		return err;
	loader->hash = hash_programs(loader->skeleton);
	/* Pinned programs have pinned maps. */
	if (options->adopt && !loader->adoption.count)
		take_pinned(loader, options->pin);
	if (!loader->pinned_count)
		err = requirements_check();
	if (err)
		return err;
	err = agfeo__load(loader->skeleton);
	return err ? refuse_load(err) : 0;
}

int loader_open(const struct policy *policy, const struct loader_options *options,
		struct loader **ret_loader)
{
	_cleanup_(loader_freep) struct loader *loader = calloc(1, sizeof(*loader));
	int err;

	libbpf_set_print(print_libbpf);
	if (!loader)
		return fail(-ENOMEM, "loader");
	err = load_skeleton(loader, policy, options);
	if (!err && policy && !options->unpublished)
		err = publish(loader, policy, options->pickup);
	if (err)
		return err;
	*ret_loader = take_ptr(loader);
	return 0;
}

int loader_publish(struct loader *loader, const struct policy *policy)
{
	return publish(loader, policy, false);
}

/* ------------------------------------------------------------------ its parts */

/* The descriptor of the skeleton's program at that place. */
static int program_at(const struct loader *loader, const struct bpf_program *program, size_t place)
{
	return loader->pinned_count ? loader->pinned[place] : bpf_program__fd(program);
}

int loader_program(const struct loader *loader, const char *name)
{
	struct bpf_program *program;
	size_t place = 0;

	bpf_object__for_each_program(program, loader->skeleton->obj)
	{
		if (!strcmp(bpf_program__name(program), name))
			return program_at(loader, program, place);
		place++;
	}
	return -ENOENT;
}

uint64_t loader_hash(const struct loader *loader)
{
	return loader->hash;
}

int loader_map(const struct loader *loader, const char *name)
{
	return bpf_object__find_map_fd_by_name(loader->skeleton->obj, name);
}

int loader_each_program(const struct loader *loader,
			int (*callback)(const char *name, int fd, void *context), void *context)
{
	struct bpf_program *program;
	int err = 0;

	bpf_object__for_each_program(program, loader->skeleton->obj)
	{
		if (!err)
			err = callback(bpf_program__name(program), bpf_program__fd(program),
				       context);
	}
	return err;
}

int loader_each_map(const struct loader *loader,
		    int (*callback)(const char *name, int fd, void *context), void *context)
{
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, loader->skeleton->obj)
	{
		if (!err && !bpf_map__is_internal(map))
			err = callback(bpf_map__name(map), bpf_map__fd(map), context);
	}
	return err;
}

int loader_each_replaced(const struct loader *loader,
			 int (*callback)(const struct replaced_map *replaced, void *context),
			 void *context)
{
	int err = 0;

	for (size_t i = 0; !err && i < loader->adoption.count; i++)
		err = callback(&loader->adoption.maps[i], context);
	return err;
}

bool loader_replaces_policy(const struct loader *loader)
{
	return loader->adoption.policy;
}

bool loader_replaces_maps(const struct loader *loader)
{
	return loader->adoption.count;
}

bool loader_loses_flows(const struct loader *loader)
{
	return loader->adoption.flows;
}

int loader_tick(const struct loader *loader, uint32_t *ret_tick)
{
	return clock_run(loader_program(loader, "clock"), ret_tick);
}
