/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The catalogue: AGFEO's products and every line of the vendor's document ("Netzwerk- und
 * Firewall-Nutzung, Port-/Host-Übersicht", 03.03.2025), each line citing its section. Data only;
 * models.c holds it, policy_compile() gives it to a site's devices.
 */
#ifndef USER_CATALOGUE_CATALOGUE_H
#define USER_CATALOGUE_CATALOGUE_H

#include <agfeo/abi.h>
#include <stddef.h>

#include "base/address.h"

enum model_kind {
	KIND_PBX,
	KIND_SIP,
	KIND_ASIP,
	KIND_SOFTPHONE,
	KIND_SOFTWARE,
	KIND_MODULE,
};

enum scope {
	SCOPE_SITE,	/* the site's networks (and listed devices) */
	SCOPE_PROVIDER, /* the site and the device's providers; everybody while it names none */
	SCOPE_CLOUD,	/* the AGFEO hosts of .hosts */
	SCOPE_ANY,
};

/* How the configuration changes a service's ports. */
enum port_rule {
	PORTS_FIXED,
	PORTS_CHANNELS, /* RTP: first + 2 x channels - 1 */
	PORTS_ACCOUNTS, /* SIP client: first + 2 x accounts - 1 */
	PORTS_RTP_OPEN, /* `rtp-ports` replaces them; with .ports 0-0 it is required */
	PORTS_SIP_OPEN, /* `sip-ports` replaces them */
};

struct service {
	const char *name; /* stable: a metric label */
	enum agfeo_protocol protocol;
	struct port_range ports;	/* 0-0: not in the document, the configuration must say */
	enum agfeo_side side;		/* whose port it is */
	enum agfeo_direction direction; /* who opens: AGFEO_IN, AGFEO_OUT or AGFEO_BOTH */
	enum agfeo_class class;
	enum scope scope;
	enum port_rule port_rule;
	unsigned hosts;	      /* SCOPE_CLOUD: mask of AGFEO_HOST_* */
	bool group;	      /* only to broadcast and multicast */
	bool expects;	      /* answers come from another port (TFTP) */
	const char *optional; /* the `enable` option that switches it on, or NULL */
	const char *source;   /* section of the document: "1.3" */
	const char *note;     /* what was decided where the document is open, or NULL */
};

struct model {
	const char *id;	  /* "es-pure-ip-x-it" */
	const char *name; /* "AGFEO ES PURE IP X IT" */
	enum model_kind kind;
	unsigned channels; /* most that it has; 0: RTP does not depend on channels */
	unsigned accounts; /* most external SIP accounts; 0: no SIP client */
	const struct service *const *services; /* NULL-terminated */
	const char *note; /* what the document leaves open about the product as a whole, or NULL */
};

/* All models, NULL-terminated, in the order of INTERFACE ("Model ids"). */
extern const struct model *const models[];

/* NULL when there is none of that id. */
const struct model *model_find(const char *id);
/* The nearest id, for "did you mean"; never NULL. */
const char *model_nearest(const char *id);
/* Whether the model has a service that this option switches on. */
bool model_has_option(const struct model *model, const char *option);
/* All option names of `enable`, NULL-terminated: mqtt-broker mqtt-client sip-tcp dect-update
 * wireshark-trace syslog. */
extern const char *const model_options[];

const char *model_kind_label(enum model_kind kind); /* "pbx", "sip" … */
const char *service_scope_label(enum scope scope);  /* "site", "provider", "cloud", "any" */
/* Whether the document leaves the ports open, so that the configuration must say them. */
bool service_ports_open(const struct service *service);

#endif
