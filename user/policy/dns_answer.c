/* SPDX-License-Identifier: GPL-2.0 */
/* Reading DNS answers; see dns_answer.h. */
#include "policy/dns_answer.h"

#include <ares.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/names.h"
#include "policy/cloud_book.h"

#define HEADER_BYTES 12
#define RECORD_BYTES 10 /* between owner and data */
#define CLASS_IN     1
#define FLAGS_LOOKED 0xfa0f /* response, opcode, truncated, error */
#define FLAGS_ANSWER 0x8000
#define TTL_NEGATIVE 0x80000000u /* RFC 2181, 8: taken as 0 */

struct reader {
	const uint8_t *bytes;
	size_t size, at;
};

struct record {
	char *owner;
	char *target; /* of an alias, else NULL */
	uint16_t type;
	uint32_t ttl;
	const uint8_t *data;
	size_t size;
};

struct message {
	struct record records[DNS_RECORDS_MOST];
	size_t count;
};

static void message_release(struct message *message)
{
	for (size_t i = 0; i < message->count; i++) {
		ares_free_string(message->records[i].owner);
		ares_free_string(message->records[i].target);
	}
}

static unsigned get16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

/* NULL: so many bytes are not there. */
static const uint8_t *take(struct reader *reader, size_t size)
{
	const uint8_t *at = reader->bytes + reader->at;

	if (size > reader->size - reader->at)
		return NULL;
	reader->at += size;
	return at;
}

/* To be freed by ares_free_string(). NULL: no name stands there. */
static char *take_name(struct reader *reader)
{
	long length = 0;
	char *name = NULL;

	if (reader->at >= reader->size ||
	    ares_expand_name(reader->bytes + reader->at, reader->bytes, (int)reader->size, &name,
			     &length) != ARES_SUCCESS)
		return NULL;
	if (length > 0 && take(reader, (size_t)length))
		return name;
	ares_free_string(name);
	return NULL;
}

/* What an alias leads to: a name that fills the record. */
static char *read_target(const struct reader *whole, const struct record *record)
{
	struct reader reader = {whole->bytes, whole->size, (size_t)(record->data - whole->bytes)};
	char *target = take_name(&reader);

	if (target && reader.at != (size_t)(record->data - whole->bytes) + record->size) {
		ares_free_string(target);
		return NULL;
	}
	return target;
}

static int take_record(struct reader *reader, struct message *message)
{
	struct record *record = &message->records[message->count];
	const uint8_t *head;

	*record = (struct record){.owner = take_name(reader)};
	if (!record->owner)
		return -EBADMSG;
	message->count++;
	head = take(reader, RECORD_BYTES);
	if (!head)
		return -EBADMSG;
	record->size = get16(head + 8);
	record->data = take(reader, record->size);
	if (!record->data)
		return -EBADMSG;
	if (get16(head + 2) != CLASS_IN)
		return 0; /* type 0: nobody asks for it */
	record->type = (uint16_t)get16(head);
	record->ttl = get16(head + 4) << 16 | get16(head + 6);
	if (record->ttl & TTL_NEGATIVE)
		record->ttl = 0;
	if (record->type != DNS_TYPE_CNAME)
		return 0;
	record->target = read_target(reader, record);
	return record->target ? 0 : -EBADMSG;
}

static int take_question(struct reader *reader, enum agfeo_host host, uint16_t type)
{
	char *name = take_name(reader);
	bool ours = name && !strcasecmp(name, host_name(host));
	const uint8_t *rest = take(reader, 4);

	ares_free_string(name);
	return ours && rest && get16(rest) == type && get16(rest + 2) == CLASS_IN ? 0 : -EBADMSG;
}

static int take_message(struct reader *reader, enum agfeo_host host, uint16_t type,
			struct message *message)
{
	const uint8_t *header = take(reader, HEADER_BYTES);
	size_t answers;
	int err;

	if (!header || (get16(header + 2) & FLAGS_LOOKED) != FLAGS_ANSWER || get16(header + 4) != 1)
		return -EBADMSG;
	answers = get16(header + 6);
	if (answers > DNS_RECORDS_MOST)
		return -EBADMSG;
	err = take_question(reader, host, type);
	for (size_t i = 0; !err && i < answers; i++)
		err = take_record(reader, message);
	return err;
}

/* ------------------------------------------------------------------ what it says */

static void shorten(uint32_t *ttl, uint32_t by)
{
	if (by < *ttl)
		*ttl = by;
}

/* Where the aliases of the name lead in the end, and for how long. A circle ends somewhere in it:
 * each alias is followed once. */
static const char *follow(const struct message *message, const char *name, uint32_t *ttl)
{
	for (size_t hops = 0; hops < message->count; hops++) {
		const struct record *alias = NULL;

		for (size_t i = 0; i < message->count && !alias; i++) {
			const struct record *record = &message->records[i];

			if (record->target && !strcasecmp(record->owner, name))
				alias = record;
		}
		if (!alias)
			return name;
		name = alias->target;
		shorten(ttl, alias->ttl);
	}
	return name;
}

static bool is_alias(const struct message *message, const char *name)
{
	for (size_t i = 0; i < message->count; i++)
		if (message->records[i].target && !strcasecmp(message->records[i].owner, name))
			return true;
	return false;
}

static int add_address(const struct record *record, struct dns_answer *answer)
{
	struct address *address = &answer->addresses[answer->count];
	uint32_t v4;

	if (record->size != (record->type == DNS_TYPE_A ? sizeof(v4) : sizeof(address->bytes)))
		return -EBADMSG;
	if (record->type == DNS_TYPE_A) {
		memcpy(&v4, record->data, sizeof(v4));
		*address = address_from_v4(v4);
	} else {
		memcpy(address->bytes, record->data, sizeof(address->bytes));
	}
	answer->count++;
	return 0;
}

static int read_addresses(const struct message *message, enum agfeo_host host, uint16_t type,
			  struct dns_answer *ret_answer)
{
	struct dns_answer answer = {.count = 0};
	uint32_t ttl = AGFEO_CLOUD_MOST;
	const char *name = follow(message, host_name(host), &ttl);
	int err = is_alias(message, name) ? -EBADMSG : 0;

	for (size_t i = 0; !err && i < message->count; i++) {
		const struct record *record = &message->records[i];

		if (record->type != type || strcasecmp(record->owner, name) != 0)
			continue;
		shorten(&ttl, record->ttl);
		err = add_address(record, &answer);
	}
	if (err)
		return err;
	answer.seconds = cloud_ttl(ttl);
	*ret_answer = answer;
	return 0;
}

int dns_answer_read(const uint8_t *bytes, size_t size, enum agfeo_host host, uint16_t type,
		    struct dns_answer *ret_answer)
{
	struct reader reader = {.bytes = bytes, .size = size};
	struct message message = {.count = 0};
	int err = take_message(&reader, host, type, &message);

	if (!err)
		err = read_addresses(&message, host, type, ret_answer);
	message_release(&message);
	return err;
}
