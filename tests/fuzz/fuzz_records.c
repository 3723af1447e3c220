/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Anything in the pinned maps: what the commands that read them make of it, as text and as JSON, and
 * what a load makes of a registry that it finds. An input: records, each a byte for the map, a byte
 * of how many follow, those bytes, repeated over an entry's key and value.
 */
#include <bpf/bpf.h>
#include <json-c/json.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "config/config.h"
#include "corpus/rows.h"
#include "fuzz.h"
#include "host/box.h"
#include "host/maps.h"
#include "kernel/calls.h"
#include "kernel/collect.h"
#include "kernel/flows.h"
#include "kernel/loader.h"
#include "kernel/pins.h"
#include "report/drop_log.h"
#include "report/event.h"
#include "report/render.h"

static const char *const names[] = {
	"voice4",	   "voice6",	    "signalling4",  "others4", "others6",  "counters",
	"device_counters", "counter_names", "device_names", "control", "settings", "meta",
	"interfaces",	   "flow_cache",    "cache_index"};
#define MAPS	  ARRAY_SIZE(names)
#define LOAD_TURN 16   /* a load takes longer than all else */
#define EVENTS	  MAPS /* no map: a record of the ring buffer */

static struct policy *policy;
static struct loader *loader;
static struct drop_log drop_log;

/* A loaded box that has seen nothing yet. */
static void empty_box(void)
{
	struct agfeo_meta meta = {.abi = AGFEO_ABI, .tick_ns = loader_tick_ns(true)};
	struct agfeo_control control = {.generation = 1};
	uint32_t zero = 0;

	for (size_t i = 0; i < MAPS; i++)
		host_clear(host_box_map(loader, names[i]));
	memset(&drop_log, 0, sizeof(drop_log));
	FUZZ_CHECK(!bpf_map_update_elem(loader_map(loader, "meta"), &zero, &meta, BPF_ANY));
	FUZZ_CHECK(!bpf_map_update_elem(loader_map(loader, "control"), &zero, &control, BPF_ANY));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const struct loader_options options = {.replay = true};
	struct site *site = NULL;

	(void)argc;
	(void)argv;
	FUZZ_CHECK(!config_parse("office", site_office, strlen(site_office), stderr, &site));
	FUZZ_CHECK(!policy_compile(site, "office", loader_tick_ns(true), stderr, &policy));
	FUZZ_CHECK(!loader_open(policy, &options, &loader));
	log_redirect(fopen("/dev/null", "w"));
	return 0;
}

/* ------------------------------------------------------------------ writing */

static void fill(void *to, size_t room, const uint8_t *from, size_t size, size_t *at)
{
	for (size_t i = 0; i < room; i++)
		((uint8_t *)to)[i] = size ? from[(*at)++ % size] : 0;
}

static void write_event(const uint8_t *bytes, size_t size)
{
	const struct event_view view = {.identities = &(struct identities){.device_count = 0},
					.interface = ""};
	struct agfeo_event event;
	struct fuzz_text text;
	size_t at = 0;

	fill(&event, sizeof(event), bytes, size, &at);
	drop_log_add(&drop_log, &event);
	if (event.type != AGFEO_EVENT_FLOW_OPENED && event.type != AGFEO_EVENT_DROP)
		return;
	fuzz_text_open(&text);
	render_event_text(text.out, &event, &view);
	render_event_json(text.out, &event, &view);
	fuzz_text_close(&text);
	FUZZ_CHECK(fuzz_is_harmless(text.text, text.size));
	fuzz_text_release(&text);
}

static void write_entry(unsigned number, const uint8_t *bytes, size_t size)
{
	struct host_map *map = host_box_map(loader, names[number]);
	const struct host_shape *shape = host_map_shape(map);
	uint8_t key[64];
	uint32_t row;
	void *value = malloc(shape->value_size);
	size_t at = 0;

	FUZZ_CHECK(value && shape->key_size <= sizeof(key));
	fill(key, shape->key_size, bytes, size, &at);
	fill(value, shape->value_size, bytes, size, &at);
	if (shape->type != BPF_MAP_TYPE_LRU_HASH && shape->type != BPF_MAP_TYPE_HASH) {
		memcpy(&row, key, sizeof(row));
		row %= shape->entries < 16 ? shape->entries : 16; /* among those that are used */
		memcpy(key, &row, sizeof(row));
	}
	FUZZ_CHECK(!host_update(map, key, value, BPF_ANY, false));
	free(value);
}

static void write_all(const uint8_t *data, size_t size)
{
	while (size > 2) {
		unsigned number = data[0] % (MAPS + 1);
		size_t length = data[1] < size - 2 ? data[1] : size - 2;

		if (number == EVENTS)
			write_event(data + 2, length);
		else
			write_entry(number, data + 2, length);
		data += 2 + length;
		size -= 2 + length;
	}
}

/* ------------------------------------------------------------------ reading */

/* Each document that is written to it is whole. */
static void check_json(const struct fuzz_text *text)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *document;

	FUZZ_CHECK(fuzz_is_harmless(text->text, text->size));
	document = json_tokener_parse_ex(tokener, text->text, (int)text->size);
	FUZZ_CHECK(json_object_is_type(document, json_type_object));
	json_object_put(document);
	json_tokener_free(tokener);
}

#define RENDER(call, json)                                                                         \
	do {                                                                                       \
		struct fuzz_text text_;                                                            \
		FILE *out;                                                                         \
                                                                                                   \
		fuzz_text_open(&text_);                                                            \
		out = text_.out;                                                                   \
		FUZZ_CHECK(!(call));                                                               \
		fuzz_text_close(&text_);                                                           \
		if (json)                                                                          \
			check_json(&text_);                                                        \
		else                                                                               \
			FUZZ_CHECK(fuzz_is_harmless(text_.text, text_.size));                      \
		fuzz_text_release(&text_);                                                         \
	} while (0)

static void read_flows(void)
{
	_cleanup_(identities_freep) struct identities *identities = NULL;
	_cleanup_(flow_list_release) struct flow_list list = {0};
	_cleanup_(freep) struct call *calls = NULL;
	struct agfeo_meta meta;
	size_t call_count;

	if (pins_read_meta(HOST_PIN, &meta) || identities_read(HOST_PIN, &identities))
		return;
	FUZZ_CHECK(!flows_read(HOST_PIN, &meta, identities, &list));
	RENDER(render_flows_text(out, list.rows, list.count), false);
	RENDER(render_flows_json(out, list.rows, list.count, list.calls), true);
	FUZZ_CHECK(!calls_read(HOST_PIN, &meta, identities, NULL, &calls, &call_count));
	drop_log_explain(&drop_log, 1000000000, calls, call_count);
	RENDER(render_calls_text(out, calls, call_count), false);
	RENDER(render_calls_json(out, calls, call_count), true);
}

static void read_counters(void)
{
	_cleanup_(snapshot_freep) struct snapshot *snapshot = NULL;
	_cleanup_(snapshot_freep) struct snapshot *since = NULL;

	if (collect(HOST_PIN, COLLECT_COUNTERS | COLLECT_FLOWS, &snapshot))
		return;
	since = snapshot_since(snapshot, snapshot);
	FUZZ_CHECK(since);
	RENDER(render_stats_text(out, since, 1), false);
	RENDER(render_stats_json(out, snapshot, since, 1), true);
	RENDER(render_drops_text(out, snapshot), false);
	RENDER(render_drops_json(out, snapshot), true);
	RENDER(render_status_text(out, snapshot), false);
	RENDER(render_status_json(out, snapshot), true);
	RENDER(render_prometheus(out, snapshot), false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	empty_box();
	write_all(data, size);
	read_flows();
	read_counters();
	if (size % LOAD_TURN == 0)
		loader_publish(loader, policy); /* what it says of it is its own affair */
	return 0;
}
