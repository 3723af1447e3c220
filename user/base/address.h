/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses, prefixes, ports: strict text to value and back. One form for both families: 16 bytes
 * in network order, IPv4 mapped into ::ffff:0:0/96 (RFC 4291, 2.5.5.2).
 */
#ifndef USER_BASE_ADDRESS_H
#define USER_BASE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

struct address {
	uint8_t bytes[16];
};

struct prefix {
	struct address address; /* host bits are zero */
	unsigned length;	/* 0..128; an IPv4 prefix counts its 96 bits of mapping */
};

struct port_range {
	uint16_t first;
	uint16_t last; /* inclusive; first <= last */
};

struct mac_address {
	uint8_t bytes[6];
};

#define ADDRESS_TEXT  46 /* INET6_ADDRSTRLEN */
#define ENDPOINT_TEXT 56 /* [address]:65535 */
#define PREFIX_TEXT   50
#define RANGE_TEXT    12
#define MAC_TEXT      18

/* Each parser takes the whole text, leaves the output untouched on failure, returns -EINVAL. */
int address_parse(const char *text, struct address *ret_address);
/* "10.0.0.0/8", "fd00::/64", or a host. Host bits set beyond the length: -EDOM. */
int prefix_parse(const char *text, struct prefix *ret_prefix);
/* "5060" or "5204-5235"; 1..65535. Reversed: -ERANGE. */
int port_range_parse(const char *text, struct port_range *ret_range);
/* "00:09:40:12:34:56", also with '-'. */
int mac_parse(const char *text, struct mac_address *ret_mac);
/* A whole decimal number, nothing else. */
int number_parse(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *ret_number);

/* Each formatter writes into the caller's buffer of the size above and returns it. */
const char *address_format(const struct address *address, char *text);
const char *endpoint_format(const struct address *address, uint16_t port, char *text);
/* A host prefix is written without its length. */
const char *prefix_format(const struct prefix *prefix, char *text);
const char *port_range_format(struct port_range range, char *text);
const char *mac_format(const struct mac_address *mac, char *text);

bool address_is_v4(const struct address *address);
/* The IPv4 address in network order, as it stands in a packet. */
uint32_t address_v4(const struct address *address);
struct address address_from_v4(uint32_t network_order);
bool address_is_group(const struct address *address);	    /* multicast, or 255.255.255.255 */
bool address_is_unspecified(const struct address *address); /* 0.0.0.0, :: */
bool address_is_link_local(const struct address *address);  /* 169.254.0.0/16, fe80::/10 */
bool address_equal(const struct address *a, const struct address *b);
bool prefix_contains(const struct prefix *prefix, const struct address *address);
bool prefix_overlaps(const struct prefix *a, const struct prefix *b);
bool prefix_is_host(const struct prefix *prefix);

#endif
