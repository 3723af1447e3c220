/* SPDX-License-Identifier: GPL-2.0 */
/* Packets in words; see words.h. */
#include "words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "lib/payload.h"

#define WORDS_MOST   64
#define DAMAGES_MOST 8

struct damage {
	char base; /* 'f'rame, 'i'p, 'l'4 */
	unsigned offset;
	uint8_t value;
};

/* What the words have said so far. */
struct reading {
	char text[512];
	char *words[WORDS_MOST + 1]; /* NULL-terminated */
	size_t at;

	struct frame frame;
	struct reading *quoted;
	uint8_t payload[PAYLOAD_MOST];
	uint8_t options[40];
	struct rtp rtp;
	bool is_rtp, is_icmp;
	struct damage damages[DAMAGES_MOST];
	size_t damage_count;
};

static bool split(struct reading *r, const char *words)
{
	size_t count = 0;
	char *save = NULL;

	if ((size_t)snprintf(r->text, sizeof(r->text), "%s", words) >= sizeof(r->text))
		return false;
	for (char *word = strtok_r(r->text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		if (count == WORDS_MOST)
			return false;
		r->words[count++] = word;
	}
	return true;
}

static const char *peek(const struct reading *r)
{
	return r->words[r->at] ? r->words[r->at] : "";
}

static char *next(struct reading *r)
{
	static char nothing[1];

	return r->words[r->at] ? r->words[r->at++] : nothing;
}

static bool take(struct reading *r, const char *word)
{
	if (strcmp(peek(r), word))
		return false;
	r->at++;
	return true;
}

static bool number(const char *text, unsigned long most, unsigned long *ret_number)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (!*text || *end || value > most)
		return false;
	*ret_number = value;
	return true;
}

static bool take_number(struct reading *r, unsigned long most, unsigned long *ret_number)
{
	if (!number(peek(r), most, ret_number))
		return false;
	r->at++;
	return true;
}

/* ------------------------------------------------------------------ around the packet */

static bool read_vlan(struct reading *r)
{
	unsigned long id, tpid = 0;
	char *type = strchr(peek(r), '@');

	if (r->frame.vlan_count == ARRAY_SIZE(r->frame.vlan))
		return false;
	if (type) {
		*type = '\0';
		if (!number(type + 1, 0xffff, &tpid))
			return false;
	}
	if (!take_number(r, 0xffff, &id))
		return false;
	r->frame.vlan[r->frame.vlan_count++] =
		(struct frame_vlan){.id = (uint16_t)id, .tpid = (uint16_t)tpid};
	return true;
}

static bool read_extensions(struct reading *r)
{
	char *save = NULL;

	for (char *word = strtok_r(next(r), ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		unsigned long type;

		if (r->frame.extension_count == ARRAY_SIZE(r->frame.extensions) ||
		    !number(word, 255, &type))
			return false;
		r->frame.extensions[r->frame.extension_count++] = (uint8_t)type;
	}
	return true;
}

static bool read_fragment(struct reading *r)
{
	unsigned long id, from, to = 0;
	char *range, *dash;

	if (!take_number(r, 0xffff, &id))
		return false;
	range = next(r);
	dash = strchr(range, '-');
	if (!dash)
		return false;
	*dash = '\0';
	if (!number(range, 0xffff, &from) || (dash[1] && !number(dash + 1, 0xffff, &to)))
		return false;
	r->frame.fragment = true;
	r->frame.id = (uint16_t)id;
	r->frame.fragment_offset = (uint16_t)from;
	r->frame.fragment_size = to ? to - from : 0;
	return true;
}

static bool read_options(struct reading *r)
{
	unsigned long words;

	if (!take_number(r, sizeof(r->options) / 4, &words))
		return false;
	memset(r->options, 1, sizeof(r->options)); /* no-operation */
	r->frame.ip_options = r->options;
	r->frame.ip_options_size = words * 4;
	return true;
}

/* Returns false where the words go wrong; *ret_known: there was such a word at all. */
static bool read_wrapping(struct reading *r, bool *ret_known)
{
	unsigned long value;

	*ret_known = true;
	if (take(r, "vlan"))
		return read_vlan(r);
	if (take(r, "ext"))
		return read_extensions(r);
	if (take(r, "frag"))
		return read_fragment(r);
	if (take(r, "options"))
		return read_options(r);
	if (take(r, "pppoe")) {
		r->frame.pppoe = true;
		return true;
	}
	if (take(r, "mac")) {
		r->frame.source_mac = next(r);
		return true;
	}
	if (take(r, "dscp")) {
		r->frame.tos |= take_number(r, 63, &value) ? (uint8_t)(value << 2) : 0;
		return true;
	}
	if (take(r, "ecn")) {
		r->frame.tos |= take_number(r, 3, &value) ? (uint8_t)value : 0;
		return true;
	}
	*ret_known = false;
	return true;
}

/* ------------------------------------------------------------------ the packet */

/* "10.0.0.1:80", "[fd00::1]:80", or an address alone. The text is cut in place. */
static bool read_end(char *text, bool has_port, const char **ret_address, uint16_t *ret_port)
{
	struct address address;
	char *colon = NULL;
	unsigned long port = 0;

	if (has_port) {
		colon = strrchr(text, ':');
		if (!colon || !number(colon + 1, 0xffff, &port))
			return false;
		*colon = '\0';
	}
	if (*text == '[' && text[strlen(text) - 1] == ']') {
		text[strlen(text) - 1] = '\0';
		text++;
	}
	if (address_parse(text, &address))
		return false;
	*ret_address = text;
	*ret_port = (uint16_t)port;
	return true;
}

static bool read_ends(struct reading *r, bool has_port)
{
	return read_end(next(r), has_port, &r->frame.source, &r->frame.source_port) &&
	       take(r, ">") &&
	       read_end(next(r), has_port, &r->frame.destination, &r->frame.destination_port);
}

static bool read_packet(struct reading *r)
{
	unsigned long value;

	if (take(r, "udp")) {
		r->frame.protocol = FRAME_UDP;
		r->frame.payload_size = 20;
		return read_ends(r, true);
	}
	if (take(r, "tcp")) {
		r->frame.protocol = FRAME_TCP;
		return read_ends(r, true);
	}
	if (take(r, "icmp")) {
		r->is_icmp = true;
		if (!read_ends(r, false))
			return false;
		r->frame.protocol = strchr(r->frame.source, ':') ? FRAME_ICMP6 : FRAME_ICMP;
		return true;
	}
	if (take(r, "ip") && take_number(r, 255, &value)) {
		r->frame.protocol = (uint8_t)value;
		r->frame.payload_size = 20;
		return read_ends(r, false);
	}
	if (take(r, "ether") && take_number(r, 0xffff, &value)) {
		r->frame.ethertype = (uint16_t)value;
		r->frame.payload_size = 46;
		return true;
	}
	return false;
}

/* ------------------------------------------------------------------ behind it */

static bool read_tcp_word(struct reading *r, bool *ret_known)
{
	static const struct {
		const char *word;
		uint8_t flag;
	} flags[] = {{"fin", FIN}, {"syn", SYN}, {"rst", RST}, {"psh", PSH}, {"ack", ACK}};
	unsigned long value;

	*ret_known = true;
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (take(r, flags[i].word)) {
			r->frame.tcp_flags |= flags[i].flag;
			return true;
		}
	if (take(r, "seq")) {
		bool read = take_number(r, UINT32_MAX, &value);

		r->frame.sequence = (uint32_t)value;
		return read;
	}
	if (take(r, "acks")) {
		bool read = take_number(r, UINT32_MAX, &value);

		r->frame.acknowledgement = (uint32_t)value;
		return read;
	}
	*ret_known = false;
	return true;
}

static bool read_icmp_word(struct reading *r, bool *ret_known)
{
	unsigned long value;

	*ret_known = true;
	if (take(r, "type") && take_number(r, 255, &value)) {
		r->frame.icmp_type = (uint8_t)value;
		return true;
	}
	if (take(r, "id") && take_number(r, 0xffff, &value)) {
		r->frame.icmp_word = (uint32_t)value << 16;
		return true;
	}
	*ret_known = false;
	return true;
}

static bool read_load_word(struct reading *r, bool *ret_known)
{
	unsigned long value;

	*ret_known = true;
	if (take(r, "rtp") && take_number(r, 0xffff, &value)) {
		r->is_rtp = true;
		r->rtp.sequence = (uint16_t)value;
		r->rtp.timestamp = (uint32_t)value * 160;
		r->rtp.size = 160; /* 20 ms of G.711 */
		return true;
	}
	if (take(r, "ssrc") && take_number(r, UINT32_MAX, &value)) {
		r->rtp.ssrc = (uint32_t)value;
		return true;
	}
	if (take(r, "pt") && take_number(r, 127, &value)) {
		r->rtp.payload_type = (uint8_t)value;
		return true;
	}
	if (take(r, "rtcp")) {
		r->frame.payload_size = payload_rtcp(r->payload, 200, 5);
		r->frame.payload = r->payload;
		return true;
	}
	if (take(r, "stun")) {
		r->frame.payload_size = payload_stun(r->payload, 1);
		r->frame.payload = r->payload;
		return true;
	}
	if (take(r, "size") && take_number(r, 1600, &value)) {
		r->frame.payload_size = value;
		return true;
	}
	*ret_known = false;
	return true;
}

static bool read_damage(struct reading *r, bool *ret_known)
{
	struct damage damage;
	unsigned long cut;
	char base[8];
	int value;

	*ret_known = true;
	if (take(r, "cut") && take_number(r, 0xffff, &cut)) {
		r->frame.cut_to = cut;
		return true;
	}
	if (sscanf(peek(r), "%7[a-z4][%u]=%i", base, &damage.offset, &value) == 3) {
		if (r->damage_count == DAMAGES_MOST || value < 0 || value > 255)
			return false;
		if (strcmp(base, "frame") && strcmp(base, "ip") && strcmp(base, "l4"))
			return false;
		damage.base = base[0];
		damage.value = (uint8_t)value;
		r->damages[r->damage_count++] = damage;
		r->at++;
		return true;
	}
	*ret_known = false;
	return true;
}

static bool read_quoted(struct reading *r);

static bool read_rest(struct reading *r)
{
	while (*peek(r)) {
		bool known = false;

		if (r->is_icmp && take(r, "about"))
			return read_quoted(r);
		if (r->frame.protocol == FRAME_TCP && !read_tcp_word(r, &known))
			return false;
		if (!known && r->is_icmp && !read_icmp_word(r, &known))
			return false;
		if (!known && !read_load_word(r, &known))
			return false;
		if (!known && !read_damage(r, &known))
			return false;
		if (!known)
			return false;
	}
	return true;
}

static bool read_words(struct reading *r)
{
	bool known;

	do {
		if (!read_wrapping(r, &known))
			return false;
	} while (known);
	if (!read_packet(r) || !read_rest(r))
		return false;
	if (r->is_rtp) {
		r->frame.payload_size = payload_rtp(r->payload, &r->rtp);
		r->frame.payload = r->payload;
	}
	return true;
}

/* The quoted packet is read from the words that are left. */
static bool read_quoted(struct reading *r)
{
	struct reading *quoted = calloc(1, sizeof(*quoted));
	bool read;

	if (!quoted)
		abort();
	quoted->rtp.ssrc = 5;
	memcpy(quoted->words, r->words + r->at,
	       sizeof(quoted->words) - r->at * sizeof(quoted->words[0]));
	read = read_words(quoted);
	r->at += quoted->at;
	r->quoted = quoted;
	r->frame.quoted = &quoted->frame;
	r->frame.cut_to = quoted->frame.cut_to;
	quoted->frame.cut_to = 0;
	return read;
}

static void damage(const struct reading *r, struct frame_bytes *frame)
{
	for (size_t i = 0; i < r->damage_count; i++) {
		size_t at = r->damages[i].offset;

		if (r->damages[i].base == 'i')
			at += frame->ip;
		else if (r->damages[i].base == 'l')
			at += frame->transport;
		if (at < frame->length)
			frame->bytes[at] = r->damages[i].value;
	}
}

int words_build(const char *words, struct frame_bytes *ret_frame, char *ret_wrong)
{
	struct reading *r = calloc(1, sizeof(*r));
	int err = 0;

	if (!r)
		abort();
	r->rtp = (struct rtp){.payload_type = 8, .ssrc = 5};
	if (!split(r, words) || !read_words(r)) {
		snprintf(ret_wrong, WORDS_WRONG, "%s", peek(r));
		err = -EINVAL;
	} else {
		*ret_frame = frame_build(&r->frame);
		damage(r, ret_frame);
	}
	free(r->quoted);
	free(r);
	return err;
}
