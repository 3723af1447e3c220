/* SPDX-License-Identifier: GPL-2.0 */
/* DNS messages in words; see dns_message.h. RFC 1035, 4. */
#include "dns_message.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define HEADER 12

struct writer {
	uint8_t *bytes;
	size_t at;
};

static void put(struct writer *writer, const void *bytes, size_t size)
{
	if (writer->at + size > DNS_MOST)
		abort();
	memcpy(writer->bytes + writer->at, bytes, size);
	writer->at += size;
}

static void put16(struct writer *writer, size_t value)
{
	uint16_t wire = htons((uint16_t)value);

	put(writer, &wire, sizeof(wire));
}

static void put_name(struct writer *writer, const char *name)
{
	while (*name) {
		uint8_t size = (uint8_t)strcspn(name, ".");

		put(writer, &size, 1);
		put(writer, name, size);
		name += size + (name[size] == '.');
	}
	put(writer, "", 1);
}

static void put_owner(struct writer *writer, const struct dns_text_record *record, size_t last)
{
	switch (record->how) {
	case OWNER_LAST:
		put16(writer, 0xc000 | last);
		break;
	case OWNER_ASKED:
		put16(writer, 0xc000 | HEADER);
		break;
	case OWNER_WRITTEN:
		put_name(writer, record->owner);
		break;
	case OWNER_LOOP:
		put16(writer, 0xc000 | writer->at);
		break;
	case OWNER_BEYOND:
		put16(writer, 0xffff);
		break;
	}
}

static void put_data(struct writer *writer, const struct dns_text_record *record)
{
	uint8_t address[16];

	switch (record->kind) {
	case A:
		if (inet_pton(AF_INET, record->data, address) != 1)
			abort();
		put(writer, address, 4);
		break;
	case AAAA:
		if (inet_pton(AF_INET6, record->data, address) != 1)
			abort();
		put(writer, address, 16);
		break;
	case CNAME:
		put_name(writer, record->data);
		break;
	case TXT:
		put(writer, record->data, strlen(record->data));
		break;
	}
}

/* Returns the place of its data. */
static size_t put_record(struct writer *writer, const struct dns_text_record *record, size_t last)
{
	size_t length, data, end;

	put_owner(writer, record, last);
	put16(writer, record->kind);
	put16(writer, record->class ? record->class : 1);
	put16(writer, record->ttl >> 16);
	put16(writer, record->ttl & 0xffff);
	length = writer->at;
	put16(writer, 0);
	data = writer->at;
	put_data(writer, record);
	end = writer->at;
	writer->at = length;
	put16(writer, record->length ? record->length : end - data);
	writer->at = end;
	return data;
}

size_t dns_build(const struct dns_text *text, uint8_t bytes[DNS_MOST])
{
	struct writer writer = {bytes, 0};
	size_t last = HEADER, count = 0, answers;

	while (count < DNS_TEXT_RECORDS && text->records[count].kind)
		count++;
	answers = text->in_answer ? text->in_answer : count;
	put16(&writer, text->id);
	put16(&writer, text->flags ? text->flags : text->query ? 0x0100 : 0x8180);
	put16(&writer, text->questions ? text->questions : 1);
	put16(&writer, text->count ? text->count : answers);
	put16(&writer, 0);
	put16(&writer, count - answers);
	put_name(&writer, text->name);
	put16(&writer, text->kind);
	put16(&writer, 1);
	for (size_t i = 0; i < count; i++) {
		size_t data = put_record(&writer, &text->records[i], last);

		if (text->records[i].kind == CNAME)
			last = data;
	}
	return writer.at - (text->cut < writer.at ? text->cut : writer.at);
}
