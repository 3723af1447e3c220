/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a site's devices may do, as the reference model understands configuration and catalogue:
 * one flat list of permissions a device, walked from end to end for every question.
 */
#ifndef TESTS_MODEL_RULES_H
#define TESTS_MODEL_RULES_H

#include "config/site.h"
#include "wire.h"

/* One service of one device, with the configuration's changes worked in. */
struct permission {
	const char *service;
	enum agfeo_protocol protocol;
	struct port_range ports;
	enum agfeo_side side;
	enum agfeo_direction direction;
	enum agfeo_class class;
	enum scope scope;
	unsigned hosts; /* SCOPE_CLOUD */
	bool group;
	bool expects;
	unsigned idle_new_seconds, idle_seconds;
	uint8_t mark; /* DSCP, or AGFEO_KEEP */
};

/* A device and its permissions. */
struct listed {
	const struct device *device;
	struct permission *permissions;
	size_t permission_count;
};

struct listed_site {
	const struct site *site; /* borrowed */
	struct listed *devices;
	size_t device_count;
	struct listed_site *before; /* that it replaced: live flows may still point there */
};

/* What the other end of a flow is to a device. */
struct peer {
	bool site;
	bool provider;
	bool group;
	unsigned cloud_hosts; /* mask of AGFEO_HOST_* */
};

/* What a device says of a new flow. */
struct opinion {
	const struct permission *allowed; /* NULL: it refuses */
	enum agfeo_reason reason;
};

struct listed_site *listed_site_new(const struct site *site);
void listed_site_free(struct listed_site *site);

/* The device that has the address: a host before a pool, a longer prefix before a shorter. */
const struct listed *listed_find(const struct listed_site *site, enum wire_family family,
				 const struct address *address);

bool listed_is_site(const struct listed_site *site, enum wire_family family,
		    const struct address *address);
/* In a network of a provider that any device names. */
bool listed_is_provider(const struct listed_site *site, enum wire_family family,
			const struct address *address);

/* direction: who opens, seen from the device. Only a receiver can be a group. */
struct peer listed_peer(const struct listed_site *site, const struct listed *device,
			enum agfeo_direction direction, enum wire_family family,
			const struct address *address, unsigned cloud_hosts);

struct opinion listed_opinion(const struct listed_site *site, const struct listed *device,
			      enum agfeo_protocol protocol, uint16_t local_port,
			      uint16_t remote_port, enum agfeo_direction direction,
			      const struct peer *peer);

unsigned permission_width(const struct permission *permission);

#endif
