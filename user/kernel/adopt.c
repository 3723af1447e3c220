/* SPDX-License-Identifier: GPL-2.0 */
/* Pinned maps that a load goes on with, or replaces; see adopt.h. */
#include "kernel/adopt.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/flows.h"
#include "kernel/layout.h"
#include "kernel/loader.h"
#include "kernel/pin_object.h"
#include "kernel/pins.h"
#include "kernel/registry.h"

/* What a load writes anew: all of it, or none, since the programs read it together. */
static const char *const policy_maps[] = {
	"control", "settings", "shed",	 "interfaces", "policies",    "hosts4",	   "hosts6",
	"pools4",  "pools6",   "peers4", "peers6",     "host_filter", "host_rows", "port_blocks",
};
/* What must outlive a load. The rest is scratch, and begins anew. */
static const char *const counter_maps[] = {"counters", "device_counters", "counter_names",
					   "device_names"};
/* What is lent in them is lent of the flow tables: they change hands with those. */
static const char *const cache_maps[] = {"cache_index", "flow_cache", "way_cache"};
static const char *const other_state[] = {"meta", "cloud4", "cloud6"};

struct survey {
	const char *pin;
	const struct policy *policy;
	struct bpf_object *object;
	uint32_t abi;	     /* of the pinned maps; 0: not known */
	char version[32];    /* who made them */
	bool same_ticks;     /* ages in them are of our clock */
	bool foreign;	     /* made by a version with another layout */
	unsigned table_size; /* of the flow tables that are there */
};

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(names[i], name))
			return true;
	}
	return false;
}

#define IS_ONE_OF(name, names) is_one_of(name, names, ARRAY_SIZE(names))

static bool is_flow_table(const char *name)
{
	return is_one_of(name, flow_tables, FLOW_TABLES);
}

static bool is_state(const char *name)
{
	return IS_ONE_OF(name, counter_maps) || IS_ONE_OF(name, other_state) || is_flow_table(name);
}

void adoption_release(struct adoption *adoption)
{
	while (adoption->count)
		close(adoption->maps[--adoption->count].old);
}

/* ------------------------------------------------------------------ does it fit? */

static bool same_shape(const struct bpf_map_info *info, const struct bpf_map *map)
{
	return info->type == bpf_map__type(map) && info->key_size == bpf_map__key_size(map) &&
	       info->value_size == bpf_map__value_size(map) &&
	       info->map_flags == bpf_map__map_flags(map);
}

/* As it will be once the object is loaded. Its BTF is the object's. */
static struct layout layout_of_object(const struct bpf_object *object, const struct bpf_map *map)
{
	return (struct layout){
		.btf = bpf_object__btf(object),
		.key_size = bpf_map__key_size(map),
		.value_size = bpf_map__value_size(map),
		.key_type = bpf_map__btf_key_type_id(map),
		.value_type = bpf_map__btf_value_type_id(map),
	};
}

/* Of the flow tables that the configuration wants. */
static bool is_table_size(const struct survey *survey, uint32_t entries)
{
	return !survey->policy->site->flow_count || entries == survey->policy->site->flow_count;
}

static bool is_large_enough(const struct survey *survey, const char *name, uint32_t entries)
{
	const struct policy *policy = survey->policy;

	if (!policy)
		return true;
	if (is_flow_table(name))
		return is_table_size(survey, entries);
	if (IS_ONE_OF(name, cache_maps) && !is_table_size(survey, survey->table_size))
		return false;
	if (!strcmp(name, "way_cache"))
		return entries >= AGFEO_CACHE_SEATS || !loader_forwards_fast(policy);
	if (!strncmp(name, "device_", 7))
		return entries >= registry_devices_needed(policy);
	if (!strncmp(name, "counter", 7))
		return entries >= registry_counters_needed(policy);
	return true;
}

/* Whether its values and keys are what ours are, by name and place. Of maps that our own number
 * stands on nobody needs to ask, and the daemon, which has not all rights, may not. */
static int compare(const struct survey *survey, int pinned, const struct bpf_map *map,
		   bool *ret_same, bool *ret_readable)
{
	struct layout ours = layout_of_object(survey->object, map), theirs;
	int err;

	*ret_same = *ret_readable = !survey->foreign;
	if (!survey->foreign)
		return 0;
	err = layout_of_map(pinned, &theirs);
	if (err == -ENOENT)
		return 0;
	if (err)
		return fail(err,
			    "map '%s': reading the layout of another version needs root: run "
			    "'agfeoctl load'",
			    bpf_map__name(map));
	*ret_readable = layout_same_key(&theirs, &ours);
	*ret_same = *ret_readable && layout_same_value(&theirs, &ours);
	layout_release(&theirs);
	return 0;
}

/* ------------------------------------------------------------------ who made them */

/* By name, since this very structure may have grown. */
static int read_meta(struct survey *survey)
{
	struct agfeo_meta meta = {};
	struct bpf_map_info info = {};
	struct layout theirs, ours = {};
	_cleanup_(freep) void *value = NULL;
	struct bpf_map *map = bpf_object__find_map_by_name(survey->object, "meta");
	_cleanup_(closep) int pinned = -1;
	__u32 zero = 0;
	int err = pin_open_map(survey->pin, "meta", &pinned, &info);

	if (err || !map)
		return err == -ENOENT ? 0 : err;
	value = calloc(1, info.value_size + sizeof(meta));
	if (!value || bpf_map_lookup_elem(pinned, &zero, value))
		return 0;
	/* The number is the first member in every version. */
	memcpy(&meta, value, sizeof(meta));
	survey->abi = meta.abi;
	survey->same_ticks = meta.tick_ns == loader_tick_ns(false);
	if ((meta.abi == AGFEO_ABI && info.value_size == sizeof(meta)) ||
	    layout_of_map(pinned, &theirs))
		return 0;
	ours = layout_of_object(survey->object, map);
	layout_convert(&theirs, value, &ours, &meta);
	layout_release(&theirs);
	survey->abi = meta.abi;
	survey->same_ticks = meta.tick_ns == loader_tick_ns(false);
	snprintf(survey->version, sizeof(survey->version), "%.*s", (int)sizeof(survey->version) - 1,
		 meta.version);
	return 0;
}

/* Also of our own number: a load of another version may have been killed among the pins. */
static int find_foreign(struct survey *survey)
{
	struct bpf_map *map;
	int err = read_meta(survey);

	survey->foreign = survey->abi != AGFEO_ABI;
	bpf_object__for_each_map(map, survey->object)
	{
		_cleanup_(closep) int pinned = -1;
		struct bpf_map_info info;

		if (err || bpf_map__is_internal(map))
			continue;
		err = pin_open_map(survey->pin, bpf_map__name(map), &pinned, &info);
		if (!err && !same_shape(&info, map))
			survey->foreign = true;
		if (!err && !strcmp(bpf_map__name(map), "voice4"))
			survey->table_size = info.max_entries;
		if (err == -ENOENT)
			err = 0;
	}
	return err;
}

/* ------------------------------------------------------------------ one map */

static int replace(struct adoption *adoption, const struct survey *survey, struct bpf_map *map,
		   int pinned, bool readable, bool same)
{
	const char *name = bpf_map__name(map);
	bool aged = is_flow_table(name) || !strncmp(name, "cloud", 5);
	bool carried = is_state(name) && readable && (survey->same_ticks || !aged);

	if (adoption->count == ADOPT_MOST) {
		close(pinned);
		return fail(-E2BIG, "maps");
	}
	adoption->maps[adoption->count++] = (struct replaced_map){
		.name = name,
		.old = pinned,
		.carried = carried,
		.same = same,
	};
	adoption->policy |= IS_ONE_OF(name, policy_maps);
	adoption->flows |= is_flow_table(name) && !carried;
	return 0;
}

static int adopt_map(struct adoption *adoption, struct survey *survey, struct bpf_map *map)
{
	const char *name = bpf_map__name(map);
	struct bpf_map_info info;
	bool same = false, readable = false, fits;
	int pinned, err = pin_open_map(survey->pin, name, &pinned, &info);

	if (err) /* a map that the pins do not have is a new one of ours: it is created */
		return err == -ENOENT ? 0 : err;
	err = compare(survey, pinned, map, &same, &readable);
	if (err) {
		close(pinned);
		return err;
	}
	fits = same_shape(&info, map) && is_large_enough(survey, name, info.max_entries);
	if (survey->foreign)
		fits = fits && same && is_state(name);
	if (!fits)
		return replace(adoption, survey, map, pinned, readable, same);
	err = bpf_map__reuse_fd(map, pinned);
	close(pinned);
	return err ? fail(err, "map '%s'", name) : 0;
}

/* ------------------------------------------------------------------ saying it */

/* "x, y" of those that are replaced, carried over or not; "" when none is. */
static void list(const struct adoption *adoption, bool carried, char *text, size_t size)
{
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < adoption->count; i++) {
		const struct replaced_map *map = &adoption->maps[i];

		if (is_state(map->name) && map->carried == carried && at < size)
			at += snprintf(text + at, size - at, "%s%s", at ? ", " : "", map->name);
	}
}

static void say_migration(const struct survey *survey, const struct adoption *adoption)
{
	char carried[512], lost[512];

	if (survey->foreign)
		say("%s was loaded by agfeoctl %s with maps of layout %u, this is %s with %u: they "
		    "are replaced while they work",
		    survey->pin, survey->version[0] ? survey->version : "of another version",
		    survey->abi, AGFEO_VERSION, AGFEO_ABI);
	list(adoption, true, carried, sizeof(carried));
	list(adoption, false, lost, sizeof(lost));
	if (carried[0])
		say("replaced, and carried over entry by entry: %s", carried);
	if (lost[0])
		warn("replaced, and begun anew, since they cannot be read: %s", lost);
	if (adoption->flows)
		warn("calls go on, and are picked up from their middle; their figures begin anew");
	if (survey->policy && survey->policy->site->flow_count && survey->table_size &&
	    survey->table_size != survey->policy->site->flow_count)
		say("flows = %u: the flow tables had %u entries", survey->policy->site->flow_count,
		    survey->table_size);
}

int adopt_maps(struct bpf_object *object, const char *pin, const struct policy *policy,
	       struct adoption *ret_adoption)
{
	_cleanup_(adoption_release) struct adoption adoption = {};
	struct survey survey = {.pin = pin, .policy = policy, .object = object};
	struct bpf_map *map;
	int err = find_foreign(&survey);

	bpf_object__for_each_map(map, object)
	{
		if (!err && !bpf_map__is_internal(map))
			err = adopt_map(&adoption, &survey, map);
	}
	if (err)
		return err;
	say_migration(&survey, &adoption);
	*ret_adoption = adoption;
	adoption.count = 0;
	return 0;
}
