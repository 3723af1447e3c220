/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses of AGFEO's hosts; see cloud_book.h. */
#include "policy/cloud_book.h"

#include <stdlib.h>
#include <string.h>

void cloud_book_release(struct cloud_book *book)
{
	free(book->addresses);
	*book = (struct cloud_book){0};
}

unsigned cloud_ttl(unsigned ttl)
{
	if (ttl < AGFEO_CLOUD_LEAST)
		return AGFEO_CLOUD_LEAST;
	return ttl > AGFEO_CLOUD_MOST ? AGFEO_CLOUD_MOST : ttl;
}

static size_t lower_bound(const struct cloud_book *book, const struct address *address)
{
	size_t low = 0, high = book->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(&book->addresses[middle].address, address, sizeof(*address)) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct cloud_address *find(const struct cloud_book *book, const struct address *address)
{
	size_t at = lower_bound(book, address);

	if (at == book->count || !address_equal(&book->addresses[at].address, address))
		return NULL;
	return &book->addresses[at];
}

static struct cloud_address *add(struct cloud_book *book, const struct address *address)
{
	size_t at = lower_bound(book, address);
	struct cloud_address *entry;

	if (book->count == CLOUD_ADDRESSES)
		return NULL;
	if (!book->addresses || book->count == book->room) {
		size_t room = book->room ? 2 * book->room : 16;

		entry = realloc(book->addresses, room * sizeof(*entry));
		if (!entry)
			return NULL;
		book->addresses = entry;
		book->room = room;
	}
	entry = &book->addresses[at];
	memmove(entry + 1, entry, (book->count - at) * sizeof(*entry));
	book->count++;
	*entry = (struct cloud_address){.address = *address};
	return entry;
}

static void raise_to(uint64_t *value, uint64_t to)
{
	if (*value < to)
		*value = to;
}

bool cloud_book_learn(struct cloud_book *book, enum agfeo_host host, const struct address *address,
		      uint64_t until, uint64_t now, unsigned sources)
{
	struct cloud_address *entry = find(book, address);

	if (!entry)
		entry = add(book, address);
	if (!entry)
		return false;
	raise_to(&entry->until[host], until);
	raise_to(&entry->confirmed[host], now);
	if (sources & CLOUD_REFRESHED)
		entry->refreshed |= (uint16_t)(1u << host);
	if (sources & CLOUD_WATCHED)
		entry->watched |= (uint16_t)(1u << host);
	return true;
}

void cloud_book_keep(struct cloud_book *book, enum agfeo_host host, bool v4, uint64_t until,
		     uint64_t now)
{
	for (size_t i = 0; i < book->count; i++) {
		struct cloud_address *entry = &book->addresses[i];

		if (entry->until[host] && address_is_v4(&entry->address) == v4 &&
		    entry->confirmed[host] + CLOUD_STALE_MOST > now)
			raise_to(&entry->until[host], until);
	}
}

void cloud_book_use(struct cloud_book *book, const struct address *address, uint64_t now)
{
	struct cloud_address *entry = find(book, address);

	if (entry)
		raise_to(&entry->used, now);
}

void cloud_book_expire(struct cloud_book *book, uint64_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < book->count; i++) {
		struct cloud_address *entry = &book->addresses[i];
		bool in_use = entry->used && entry->used + CLOUD_GRACE >= now;

		for (int host = 0; host < AGFEO_HOST_COUNT; host++) {
			if (!in_use && entry->until[host] + CLOUD_GRACE < now)
				entry->until[host] = 0;
		}
		entry->refreshed &= (uint16_t)cloud_hosts(entry);
		entry->watched &= (uint16_t)cloud_hosts(entry);
		if (cloud_hosts(entry))
			book->addresses[kept++] = *entry;
	}
	book->count = kept;
}

uint32_t cloud_hosts(const struct cloud_address *address)
{
	uint32_t hosts = 0;

	for (int host = 0; host < AGFEO_HOST_COUNT; host++) {
		if (address->until[host])
			hosts |= 1u << host;
	}
	return hosts;
}

uint64_t cloud_until(const struct cloud_address *address)
{
	uint64_t until = 0;

	for (int host = 0; host < AGFEO_HOST_COUNT; host++)
		raise_to(&until, address->until[host]);
	return until;
}

size_t cloud_book_count(const struct cloud_book *book, enum agfeo_host host)
{
	size_t count = 0;

	for (size_t i = 0; i < book->count; i++)
		count += book->addresses[i].until[host] != 0;
	return count;
}

/* ------------------------------------------------------------------ what an answer may say */

static bool is_within(const struct address *address, const char *prefix_text)
{
	struct prefix prefix;

	return !prefix_parse(prefix_text, &prefix) && prefix_contains(&prefix, address);
}

/* A resolver that is lied to, or lies, must not open the way into the site or to the box itself. */
const char *cloud_refuses(const struct site *site, const struct address *address)
{
	static const char *const nobody[] = {
		"0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "240.0.0.0/4", "::/127", "fe80::/10",
	};

	if (address_is_group(address))
		return "it is a multicast or broadcast address";
	for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++) {
		if (is_within(address, nobody[i]))
			return "no host of the internet has it";
	}
	for (size_t i = 0; i < site->network_count; i++) {
		if (prefix_contains(&site->networks[i], address))
			return "it is in the site's own networks";
	}
	return NULL;
}
