/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files that read a configuration share. The text goes through reader.c (lines) and inih
 * (name and value) to the tables of keys; check.c looks at what no single line can tell.
 */
#ifndef USER_CONFIG_PARSE_H
#define USER_CONFIG_PARSE_H

#include <stdio.h>

#include "config/site.h"

/* ------------------------------------------------------------------ faults.c */

struct fault {
	int line;
	size_t order; /* in which it was found */
	char *text;
};

/* Collected, so that they can be told in the order of the lines. */
struct faults {
	struct fault *list;
	size_t count;
	bool out_of_memory;
};

void fault(struct faults *faults, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* "WHAT 'WORD' is unknown: did you mean 'x'? Known: x, y, z". words is NULL-terminated. */
void fault_unknown(struct faults *faults, int line, const char *what, const char *word,
		   const char *const *words);
void faults_print(struct faults *faults, const char *path, FILE *errors);
void faults_release(struct faults *faults);

/* Makes room for one more zeroed element of an array: returns it, or NULL without memory.
 * array: address of the pointer to the array. */
void *append(void *array, size_t *count, size_t size);

/* ------------------------------------------------------------------ reader.c */

/* Feeds inih: comments gone, one logical line at a time, in pieces that fit inih's buffer. */
struct reader {
	const char *at, *end; /* what is left of the text */
	int line;	      /* of the file, from 1: the one that is being handled */
	char *text;	      /* what inih gets of it: "[section]" or "name=value" */
	size_t size, given;
	bool announce; /* after a section's header: an empty key, so that its start is seen */
	bool broken;   /* the header had a fault, which was told: its keys mean nothing */
	bool more;     /* the value goes on in the next piece */
	struct faults *faults;
};

/* An fgets for ini_parse_stream(). */
char *reader_next(char *buffer, int size, void *reader);

/* ------------------------------------------------------------------ keys */

struct parser;

struct key {
	const char *name;
	/* Takes a value; of a list its entries one by one. The text may be cut up. */
	void (*take)(struct parser *parser, char *value);
	bool list;
	const char *required; /* what to write when it is missing, or NULL: it may be */
};

#define MAX_KEYS 16

enum device_key {
	DEVICE_MODEL,
	DEVICE_ADDRESS,
	DEVICE_MAC,
	DEVICE_CHANNELS,
	DEVICE_ACCOUNTS,
	DEVICE_PROVIDER,
	DEVICE_ENABLE,
	DEVICE_DISABLE,
	DEVICE_ALLOW,
	DEVICE_RTP_PORTS,
	DEVICE_SIP_PORTS,
	DEVICE_MODE,
	DEVICE_QUALITY,
	DEVICE_PAYLOAD_TYPES,
};

/* Where the keys of a device stood, for what can be judged only when all is read. */
struct device_lines {
	int line[MAX_KEYS]; /* by enum device_key; 0: not given */
};

/* An address of a device and where it stood. */
struct place {
	struct prefix prefix;
	size_t device;
	int line;
};

/* A name that a device refers to: of a provider, an option, a service. */
struct word {
	enum device_key key; /* DEVICE_PROVIDER, DEVICE_ENABLE or DEVICE_DISABLE */
	size_t device;
	int line;
	char text[AGFEO_NAME_SIZE];
};

struct parser {
	struct site *site;
	struct faults faults;
	struct reader reader;
	void *sections; /* tree of the titles seen */

	const struct key *keys; /* of the section that is being read; NULL: it means nothing */
	const char *title;	/* "device pbx" */
	int section_line;
	int seen[MAX_KEYS]; /* line on which each of its keys stood first */
	const char *key;    /* that is being taken */

	char *value; /* as gathered from its pieces */
	size_t value_size;

	struct device_lines *device_lines;
	size_t device_lines_count;
	struct place *places;
	size_t place_count;
	struct word *words;
	size_t word_count;
};

extern const struct key site_keys[], qos_keys[], export_keys[]; /* config_site.c */
extern const struct key interface_keys[], provider_keys[];	/* config_network.c */
extern const struct key device_keys[];				/* config_device.c */

/* Says what is wrong with the value of the key that is being taken. */
void complain(struct parser *parser, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ------------------------------------------------------------------ values.c */

/* Each complains by itself and then returns false (or -1), leaving the output untouched. */
int take_word(struct parser *parser, const char *value, const char *const *words);
bool take_number(struct parser *parser, const char *value, const char *what, uint64_t minimum,
		 uint64_t maximum, unsigned *ret_number);
bool take_prefix(struct parser *parser, const char *value, struct prefix *ret_prefix);
bool take_ports(struct parser *parser, const char *value, struct port_range *ret_range);
bool take_dscp(struct parser *parser, const char *value, uint8_t *ret_dscp);
bool take_protocol(struct parser *parser, const char *value, enum agfeo_protocol *ret_protocol);
/* Appends the prefix to a list of the site, unless it is as good as the whole internet. */
void take_network(struct parser *parser, const char *value, struct prefix **networks,
		  size_t *count);
/* config_payload.c: an entry "96 opus/48000" into the table. */
void take_payload_type(struct parser *parser, char *value, struct agfeo_payload_types *types);
/* Whether a prefix is so wide that strangers are in it. */
bool prefix_is_world(const struct prefix *prefix);

/* Cuts the text at white space: at most `maximum` words; returns how many there are. */
size_t split_words(char *text, char **words, size_t maximum);
/* The next entry of a comma list, trimmed, or NULL at its end. Cuts the text up. */
char *next_entry(char **text);

/* ------------------------------------------------------------------ check.c */

/* Judges what was read as a whole; resolves names of providers, options and services. */
void check_site(struct parser *parser);

/* ------------------------------------------------------------------ trust.c */

/*
 * Whether root may act on an open file: -EPERM, written to `errors`, when anybody may write it. Of
 * another owner or group that may it warns. Others than root, and pipes, are not asked.
 */
int trust_check(const char *path, int fd, FILE *errors);

#endif
