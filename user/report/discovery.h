/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who speaks in a voice network: hosts, learnt from packets as they come by, and which model each
 * most likely is. Pure. Every byte of a packet is a stranger's: what is kept of texts is printable
 * ASCII, and the table has an end.
 */
#ifndef USER_REPORT_DISCOVERY_H
#define USER_REPORT_DISCOVERY_H

#include <agfeo/abi.h>
#include <stdio.h>

#include "catalogue/catalogue.h"
#include "report/packets.h"

#define DISCOVERY_HOSTS 4096
#define DISCOVERY_PORTS 16
#define DISCOVERY_TEXT	96

/* What shows that a port is used for what the catalogue lists it for. */
enum port_use { USE_PLAIN, USE_SIP, USE_RTP };

struct seen_port {
	uint8_t protocol; /* enum agfeo_protocol */
	uint16_t port;
	enum port_use use;
};

/* One address. */
struct host {
	struct address address;
	bool has_mac;
	struct mac_address mac;
	uint64_t packets;
	struct seen_port ports[DISCOVERY_PORTS]; /* its own, those that some model lists; no RTP */
	size_t port_count;
	uint16_t rtp_first, rtp_last; /* its own, by RTP's header; 0-0: none */
	uint16_t searched;	      /* it searched for products: the last discovery port; 0: no */
	bool tapi;		      /* it opened a connection to port 3232 */
	char agent[DISCOVERY_TEXT];   /* SIP's User-Agent or Server */
};

/* What DHCP told of a MAC. */
struct lease {
	struct mac_address mac;
	char vendor[DISCOVERY_TEXT];
	char name[DISCOVERY_TEXT];
};

struct discovery;

/* networks: which addresses are looked at (the site's); none: private ones. Borrowed. */
struct discovery *discovery_new(const struct prefix *networks, size_t network_count);
void discovery_free(struct discovery *discovery);
static inline void discovery_freep(struct discovery **discovery)
{
	discovery_free(*discovery);
}

/* A packet of which `size` bytes were captured. */
void discovery_learn(struct discovery *discovery, enum framing framing, const uint8_t *bytes,
		     size_t size);
/* An entry of the neighbour table. */
void discovery_neighbour(struct discovery *discovery, const struct address *address,
			 const struct mac_address *mac);

/* ------------------------------------------------------------------ the outcome */

#define FOUND_ADDRESSES 8
#define FOUND_ALSO	8
#define FOUND_REASONS	12

/* One device: all addresses of a MAC, unless that is a router's. */
struct found {
	struct address addresses[FOUND_ADDRESSES];
	size_t address_count;
	bool has_mac;
	struct mac_address mac;
	bool agfeo; /* AGFEO's OUI */
	uint64_t packets;
	const struct model *model; /* NULL: nothing tells */
	const struct model *also[FOUND_ALSO];
	size_t also_count;
	char reasons[FOUND_REASONS][160];
	size_t reason_count;
	uint16_t rtp_first, rtp_last;
	bool preset; /* VISOfon on the ports that the telephone system presets */
	char agent[DISCOVERY_TEXT], vendor[DISCOVERY_TEXT], name[DISCOVERY_TEXT];
	char section[AGFEO_NAME_SIZE]; /* a name for it */
};

struct findings {
	struct found *rows; /* by address */
	size_t count;
	size_t configured; /* left out: the configuration has them */
	size_t silent;	   /* left out: nothing of AGFEO or of telephony about them */
	bool full;	   /* more hosts than were kept */
	uint64_t packets;
};

/* What stands in the configuration already is left out. */
struct known {
	bool (*has)(const void *context, const struct address *address,
		    const struct mac_address *mac);
	const void *context;
};

int discovery_conclude(const struct discovery *discovery, const struct known *known,
		       struct findings *ret_findings);
void findings_free(struct findings *findings);

/* Sections to paste, each after what speaks for it. */
int render_discovery_text(FILE *out, const struct findings *findings);
/*
 * {"packets","configured","others","complete":bool,"hosts":[{"addresses":[…],"mac":…|null,
 *  "agfeo":bool,"model":…|null,"name":…|null,"also":[…],"reasons":[…],"user_agent":…|null,
 *  "vendor_class":…|null,"hostname":…|null,"section":…|null,"packets":n}]}
 */
int render_discovery_json(FILE *out, const struct findings *findings);

/* ------------------------------------------------------------------ for its parts */

/* Both borrowed until the next packet is learnt. */
size_t discovery_hosts(const struct discovery *discovery, const struct host **ret_hosts);
const struct lease *discovery_lease(const struct discovery *discovery,
				    const struct mac_address *mac);
bool discovery_is_full(const struct discovery *discovery);
uint64_t discovery_packets(const struct discovery *discovery);

/* Fills model, also and reasons of a row from one of its hosts' evidence and the texts. */
void discovery_guess(struct found *found, const struct host *const *hosts, size_t count);

/* Whether it is SIP; then the User-Agent or Server of a message, "" without one. */
bool sip_agent(const uint8_t *bytes, size_t size, char *text, size_t room);
/* Whether it is a message of a DHCP client; `lease` then has what it says of itself, and
 * *ret_address what it has or asks for, if it says so. */
bool dhcp_client(const uint8_t *bytes, size_t size, struct lease *lease,
		 struct address *ret_address, bool *ret_has_address);
bool looks_like_rtp(const uint8_t *bytes, size_t size);

#endif
