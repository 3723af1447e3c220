/* SPDX-License-Identifier: GPL-2.0 */
/* From an address to its device and its network: one hash of prefixes, tried longest first. */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/compile.h"

struct bits { /* an address as two numbers, masked to a length */
	uint64_t high, low;
};

struct slot {
	struct bits bits;
	uint32_t length;
	uint32_t value; /* index + 1; 0: free */
};

struct prefix_table {
	struct slot *slots;
	uint64_t mask;		  /* slots - 1 */
	uint8_t v4[129], v6[129]; /* lengths that occur, longest first */
	size_t v4_count, v6_count;
};

struct policy_index {
	struct prefix_table devices, peers;
};

static struct bits bits_of(const struct address *address, unsigned length)
{
	struct bits bits;

	memcpy(&bits.high, address->bytes, 8);
	memcpy(&bits.low, address->bytes + 8, 8);
	bits.high = be64toh(bits.high);
	bits.low = be64toh(bits.low);
	if (length < 64)
		bits.high &= ~(UINT64_MAX >> length);
	if (length <= 64)
		bits.low = 0;
	else if (length < 128)
		bits.low &= ~(UINT64_MAX >> (length - 64));
	return bits;
}

static uint64_t hash_of(struct bits bits, unsigned length)
{
	uint64_t hash = bits.high * 0x9e3779b97f4a7c15u;

	hash = (hash ^ hash >> 32 ^ bits.low ^ length) * 0xd6e8feb86659fd93u;
	return hash ^ hash >> 32;
}

/* The slot that holds the prefix, or the free one where it would go. */
static struct slot *slot_of(const struct prefix_table *table, struct bits bits, unsigned length)
{
	uint64_t at = hash_of(bits, length) & table->mask;

	while (table->slots[at].value &&
	       (table->slots[at].length != length || table->slots[at].bits.low != bits.low ||
		table->slots[at].bits.high != bits.high))
		at = (at + 1) & table->mask;
	return &table->slots[at];
}

static bool table_size(struct prefix_table *table, size_t count)
{
	uint64_t size = 16;

	while (size < 2 * count)
		size *= 2;
	table->slots = calloc(size, sizeof(*table->slots));
	table->mask = size - 1;
	return table->slots != NULL;
}

/* Prefixes come longest first: a length is new when it is not the last one of its family. */
static void table_add(struct prefix_table *table, const struct prefix *prefix, size_t index)
{
	struct bits bits = bits_of(&prefix->address, prefix->length);
	struct slot *slot = slot_of(table, bits, prefix->length);
	bool v4 = address_is_v4(&prefix->address) && prefix->length >= 96;
	uint8_t *lengths = v4 ? table->v4 : table->v6;
	size_t *count = v4 ? &table->v4_count : &table->v6_count;

	*slot = (struct slot){bits, prefix->length, (uint32_t)index + 1};
	if (!*count || lengths[*count - 1] != prefix->length)
		lengths[(*count)++] = (uint8_t)prefix->length;
}

/* Index of the longest prefix that has the address, or -1. */
static ssize_t table_find(const struct prefix_table *table, const struct address *address)
{
	bool v4 = address_is_v4(address);
	const uint8_t *lengths = v4 ? table->v4 : table->v6;
	size_t count = v4 ? table->v4_count : table->v6_count;

	for (size_t i = 0; i < count; i++) {
		const struct slot *slot = slot_of(table, bits_of(address, lengths[i]), lengths[i]);

		if (slot->value)
			return (ssize_t)slot->value - 1;
	}
	return -1;
}

struct policy_index *index_new(const struct policy *policy)
{
	struct policy_index *index = calloc(1, sizeof(*index));

	if (!index || !table_size(&index->devices, policy->address_count) ||
	    !table_size(&index->peers, policy->peer_count)) {
		index_free(index);
		return NULL;
	}
	for (size_t i = 0; i < policy->address_count; i++)
		table_add(&index->devices, &policy->addresses[i].prefix, i);
	for (size_t i = 0; i < policy->peer_count; i++)
		table_add(&index->peers, &policy->peers[i].network, i);
	return index;
}

void index_free(struct policy_index *index)
{
	if (!index)
		return;
	free(index->devices.slots);
	free(index->peers.slots);
	free(index);
}

const struct policy_device *index_device(const struct policy *policy, const struct address *address)
{
	ssize_t found = table_find(&policy->index->devices, address);

	return found < 0 ? NULL : &policy->devices[policy->addresses[found].device];
}

struct agfeo_peer index_peer(const struct policy *policy, const struct address *address)
{
	static const struct agfeo_peer nobody = {0};
	ssize_t found = table_find(&policy->index->peers, address);

	return found < 0 ? nobody : policy->peers[found].value;
}
