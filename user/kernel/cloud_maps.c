/* SPDX-License-Identifier: GPL-2.0 */
/* The book of AGFEO's addresses and the maps; see cloud_maps.h. */
#include "kernel/cloud_maps.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/flows.h"
#include "kernel/pins.h"
#include "kernel/walk.h"

#define NS_PER_SECOND 1000000000ull
#define V4_BYTES      4
#define V6_BYTES      16

static const struct {
	const char *name;
	size_t key;
} cloud_maps[] = {{"cloud4", V4_BYTES}, {"cloud6", V6_BYTES}};

struct visit {
	const struct flow_clock *clock;
	uint64_t now;
	struct cloud_book *book;
	size_t key;
	/* Of entries that the book does not have, for writing. */
	unsigned char (*strangers)[V6_BYTES];
	size_t stranger_count;
};

static struct address address_of(const void *key, size_t size)
{
	struct address address;
	uint32_t v4;

	if (size == V4_BYTES) {
		memcpy(&v4, key, sizeof(v4));
		return address_from_v4(v4);
	}
	memcpy(address.bytes, key, sizeof(address.bytes));
	return address;
}

/* Seconds from `tick` on; negative: before. */
static int64_t seconds_until(const struct visit *visit, uint32_t tick)
{
	return (int64_t)(int32_t)(tick - visit->clock->tick) * (int64_t)visit->clock->tick_ns /
	       (int64_t)NS_PER_SECOND;
}

/* seen 0: never. */
static void note_use(const struct visit *visit, const struct address *address, uint32_t seen)
{
	int64_t ago = -seconds_until(visit, seen);

	if (seen && ago < CLOUD_GRACE)
		cloud_book_use(visit->book, address, visit->now - (ago > 0 ? (uint64_t)ago : 0));
}

/* ------------------------------------------------------------------ reading */

/* How long the entry holds, in seconds; negative: so long ago it ended. */
static int64_t holds_for(const struct visit *visit, const struct agfeo_cloud *cloud)
{
	int64_t left = seconds_until(visit, cloud->expires);

	/* Ticks that wrapped, or the clock of another life. */
	return left > AGFEO_CLOUD_MOST ? 0 : left;
}

static unsigned sources_of(const struct agfeo_cloud *cloud, int host)
{
	unsigned sources = ((cloud->refreshed & 1u << host) ? CLOUD_REFRESHED : 0u) |
			   ((cloud->watched & 1u << host) ? CLOUD_WATCHED : 0u);

	return sources ? sources : CLOUD_REFRESHED; /* of a version that only asked */
}

static bool adopt(const struct visit *visit, const struct address *address,
		  const struct agfeo_cloud *cloud)
{
	int64_t left = holds_for(visit, cloud);
	bool learned = true;

	for (int host = 0; host < AGFEO_HOST_COUNT; host++) {
		/* At least the grace is left, in which the name can be asked for again. */
		if (cloud->hosts & 1u << host)
			learned &= cloud_book_learn(visit->book, host, address,
						    visit->now + (left > 0 ? (uint64_t)left : 0),
						    visit->now, sources_of(cloud, host));
	}
	return learned;
}

static int read_entry(const void *key, const void *value, void *context)
{
	const struct visit *visit = context;
	struct address address = address_of(key, visit->key);
	struct agfeo_cloud cloud;

	memcpy(&cloud, value, sizeof(cloud));
	adopt(visit, &address, &cloud);
	note_use(visit, &address, cloud.seen);
	return 0;
}

static int each_entry(const char *pin, size_t which,
		      int (*callback)(const void *key, const void *value, void *context),
		      struct visit *visit, int *ret_map)
{
	_cleanup_(closep) int map = -1;
	int err = pins_open_map(pin, cloud_maps[which].name, &map);

	visit->key = cloud_maps[which].key;
	if (!err)
		err = walk_map(map, cloud_maps[which].name, visit->key, sizeof(struct agfeo_cloud),
			       callback, visit);
	if (!err)
		*ret_map = take_fd(&map);
	return err;
}

int cloud_maps_read(const char *pin, const struct flow_clock *clock, uint64_t now,
		    struct cloud_book *book)
{
	struct visit visit = {.clock = clock, .now = now, .book = book};
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(cloud_maps); i++) {
		_cleanup_(closep) int map = -1;

		err = each_entry(pin, i, read_entry, &visit, &map);
	}
	return err;
}

/* ------------------------------------------------------------------ writing */

static const struct cloud_address *find(const struct cloud_book *book,
					const struct address *address)
{
	for (size_t i = 0; i < book->count; i++) {
		if (address_equal(&book->addresses[i].address, address))
			return &book->addresses[i];
	}
	return NULL;
}

/* Before anything is written: who is used, what the datapath learned meanwhile, and who is not in the
 * book any more. */
static int compare_entry(const void *key, const void *value, void *context)
{
	struct visit *visit = context;
	struct address address = address_of(key, visit->key);
	struct agfeo_cloud cloud;
	void *more;

	memcpy(&cloud, value, sizeof(cloud));
	note_use(visit, &address, cloud.seen);
	if (find(visit->book, &address))
		return 0;
	if (holds_for(visit, &cloud) > -CLOUD_GRACE && adopt(visit, &address, &cloud))
		return 0;
	more = realloc(visit->strangers, (visit->stranger_count + 1) * sizeof(*visit->strangers));
	if (!more)
		return -ENOMEM;
	visit->strangers = more;
	memcpy(visit->strangers[visit->stranger_count++], key, visit->key);
	return 0;
}

static int put_address(const struct visit *visit, int map, const struct cloud_address *entry)
{
	uint64_t until = cloud_until(entry);
	uint64_t left = until > visit->now ? until - visit->now : 0;
	struct agfeo_cloud cloud = {.hosts = 0};
	uint32_t v4 = address_v4(&entry->address);
	const void *key = visit->key == V4_BYTES ? (const void *)&v4 : entry->address.bytes;

	/* `seen` is kept; that a packet writes it right now is lost, and its flow is seen anyway. */
	if (bpf_map_lookup_elem(map, key, &cloud))
		cloud = (struct agfeo_cloud){.hosts = 0};
	cloud.hosts = cloud_hosts(entry);
	cloud.refreshed = entry->refreshed;
	cloud.watched = entry->watched;
	cloud.expires =
		visit->clock->tick + (uint32_t)(left * NS_PER_SECOND / visit->clock->tick_ns);
	return bpf_map_update_elem(map, key, &cloud, BPF_ANY) ? -errno : 0;
}

static int write_map(const char *pin, size_t which, struct visit *visit)
{
	_cleanup_(closep) int map = -1;
	int err = each_entry(pin, which, compare_entry, visit, &map);

	for (size_t i = 0; !err && i < visit->book->count; i++) {
		const struct cloud_address *entry = &visit->book->addresses[i];

		if (address_is_v4(&entry->address) == (visit->key == V4_BYTES))
			err = put_address(visit, map, entry);
	}
	for (size_t i = 0; !err && i < visit->stranger_count; i++) {
		if (bpf_map_delete_elem(map, visit->strangers[i]) && errno != ENOENT)
			err = -errno;
	}
	free(visit->strangers);
	visit->strangers = NULL;
	visit->stranger_count = 0;
	return err < 0 ? fail(err, "map '%s'", cloud_maps[which].name) : 0;
}

int cloud_maps_write(const char *pin, const struct flow_clock *clock, uint64_t now,
		     struct cloud_book *book)
{
	struct visit visit = {.clock = clock, .now = now, .book = book};
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(cloud_maps); i++)
		err = write_map(pin, i, &visit);
	return err;
}

/* ------------------------------------------------------------------ flows */

static int see_flow(const struct flow_record *record, void *context)
{
	const struct visit *visit = context;

	if (!flow_is_live(record, visit->clock->tick))
		return 0;
	cloud_book_use(visit->book, &record->address[0], visit->now);
	cloud_book_use(visit->book, &record->address[1], visit->now);
	return 0;
}

int cloud_maps_see_flows(const char *pin, const struct flow_clock *clock, uint64_t now,
			 struct cloud_book *book)
{
	struct visit visit = {.clock = clock, .now = now, .book = book};

	return book->count ? flows_each(pin, see_flow, &visit) : 0;
}

/* ------------------------------------------------------------------ for people */

struct listing {
	struct visit visit;
	struct known_address *rows;
	size_t count, room;
};

static int list_host(struct listing *listing, const struct address *address,
		     const struct agfeo_cloud *cloud, int host)
{
	unsigned sources = sources_of(cloud, host);

	if (listing->count == listing->room) {
		size_t room = listing->room ? 2 * listing->room : 16;
		struct known_address *rows = realloc(listing->rows, room * sizeof(*rows));

		if (!rows)
			return -ENOMEM;
		listing->rows = rows;
		listing->room = room;
	}
	listing->rows[listing->count++] = (struct known_address){
		.host = host,
		.address = *address,
		.refreshed = sources & CLOUD_REFRESHED,
		.watched = sources & CLOUD_WATCHED,
		.seconds = holds_for(&listing->visit, cloud),
	};
	return 0;
}

static int list_entry(const void *key, const void *value, void *context)
{
	struct listing *listing = context;
	struct address address = address_of(key, listing->visit.key);
	struct agfeo_cloud cloud;
	int err = 0;

	memcpy(&cloud, value, sizeof(cloud));
	for (int host = 0; !err && host < AGFEO_HOST_COUNT; host++) {
		if (cloud.hosts & 1u << host)
			err = list_host(listing, &address, &cloud, host);
	}
	return err;
}

static int list_maps(const char *pin, struct listing *listing)
{
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(cloud_maps); i++) {
		_cleanup_(closep) int map = -1;

		err = pins_open_map(pin, cloud_maps[i].name, &map);
		listing->visit.key = cloud_maps[i].key;
		if (!err)
			err = walk_map(map, cloud_maps[i].name, cloud_maps[i].key,
				       sizeof(struct agfeo_cloud), list_entry, listing);
	}
	return err;
}

int cloud_maps_list(const char *pin, const struct agfeo_meta *meta, struct known_address **ret_rows,
		    size_t *ret_count)
{
	struct listing listing = {.count = 0};
	struct flow_clock clock;
	int err = flows_clock(pin, meta, &clock);

	listing.visit.clock = &clock;
	if (!err)
		err = list_maps(pin, &listing);
	if (err) {
		free(listing.rows);
		return err;
	}
	known_addresses_sort(listing.rows, listing.count);
	*ret_rows = listing.rows;
	*ret_count = listing.count;
	return 0;
}
