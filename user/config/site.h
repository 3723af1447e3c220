/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a configuration says, as plain data: the configuration file and the tests produce it, the
 * policy compiler consumes it. Where a device leaves something out, the catalogue's value is
 * filled in by the compiler, not here.
 */
#ifndef USER_CONFIG_SITE_H
#define USER_CONFIG_SITE_H

#include <agfeo/abi.h>
#include <net/if.h>

#include "base/address.h"
#include "catalogue/catalogue.h"

enum xdp_mode { XDP_AUTO, XDP_NATIVE, XDP_GENERIC };

struct interface {
	char name[IFNAMSIZ];
	enum agfeo_role role;
	enum xdp_mode xdp;
	bool forward_fast;
	bool optional;	    /* it may be missing when the configuration is loaded */
	struct local_port { /* `local = tcp 443`: the box's own services, never shed at an uplink */
		enum agfeo_protocol protocol;
		struct port_range ports;
	} local[16];
	size_t local_count;
	int line; /* of the section, for messages */
};

struct provider {
	char name[AGFEO_NAME_SIZE];
	struct prefix *networks;
	size_t network_count;
	int line;
};

struct extra_rule { /* allow = DIRECTION PROTO PORTS from|to SCOPE */
	enum agfeo_direction direction;
	enum agfeo_protocol protocol;
	struct port_range ports; /* the device's for `in` and `both`, the peer's for `out` */
	enum scope scope;
	int line;
};

struct device {
	char name[AGFEO_NAME_SIZE];
	const struct model *model;
	struct prefix *addresses;
	size_t address_count;
	bool has_mac;
	struct mac_address mac;
	unsigned channels;		       /* 0: the model's */
	unsigned sip_accounts;		       /* 0: the model's */
	struct port_range rtp_ports;	       /* 0-0: the model's */
	struct port_range sip_ports;	       /* 0-0: the model's */
	size_t providers[AGFEO_MAX_PROVIDERS]; /* indices of site.providers */
	size_t provider_count;
	const char *enable[16]; /* names from model_options */
	size_t enable_count;
	char (*disable)[AGFEO_NAME_SIZE]; /* service names of the model, or of an option */
	size_t disable_count;
	struct extra_rule *allow;
	size_t allow_count;
	bool monitor;				  /* mode = monitor */
	bool no_quality;			  /* quality = off */
	struct agfeo_payload_types payload_types; /* beside and before the site's */
	int line;
};

struct site {
	char name[AGFEO_NAME_SIZE];
	struct prefix *networks; /* default: RFC 1918, RFC 4193, link-local of both families */
	size_t network_count;
	bool monitor;		  /* mode = monitor */
	bool cloud_any;		  /* cloud = any */
	bool unknown_drop;	  /* unknown = drop */
	unsigned new_flows;	  /* `new-flows`: a second and source; default 100 */
	unsigned flow_count;	  /* `flows`: entries of a flow table; default 16384 */
	struct prefix *resolvers; /* `resolvers`: whose DNS answers teach; default: none */
	size_t resolver_count;
	struct agfeo_payload_types payload_types; /* `payload-types`: enum agfeo_encoding */

	struct interface *interfaces;
	size_t interface_count;
	struct provider *providers;
	size_t provider_count;
	struct device *devices;
	size_t device_count;

	/* [qos]: a code point 0..63, or AGFEO_KEEP */
	uint8_t voice;	    /* default AGFEO_EF */
	uint8_t signalling; /* default AGFEO_KEEP */
	bool bleach;	    /* others = bleach */

	/* [export] */
	char textfile[256];
	unsigned interval_seconds;

	char *text; /* the configuration itself, where it was read from a file; NULL otherwise */
};

/* Frees all that the site owns, and the site. NULL is fine. */
void site_free(struct site *site);
static inline void site_freep(struct site **site)
{
	site_free(*site);
}

/* The device that has the address, or NULL. Linear: for messages, not for millions. */
const struct device *site_find_device(const struct site *site, const struct address *address);

/* Whether any interface has role voice: without one no device is guarded. */
bool site_faces_devices(const struct site *site);

#endif
