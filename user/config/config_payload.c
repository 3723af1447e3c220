/* SPDX-License-Identifier: GPL-2.0 */
/* `payload-types` of [site] and [device NAME]: what dynamic payload types of RTP are. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/encodings.h"
#include "config/parse.h"

#define LAST_DYNAMIC (AGFEO_FIRST_DYNAMIC + AGFEO_DYNAMIC_TYPES - 1)

static bool take_encoding(struct parser *parser, const char *word, uint8_t *ret_encoding)
{
	char rates[96], name[ENCODING_TEXT];
	int err = encoding_parse(word, ret_encoding);

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "/"), word);
	encoding_rates(strspn(name, "0123456789") == strlen(name) ? "" : name, rates,
		       sizeof(rates));
	if (err == -ENOENT)
		fault_unknown(&parser->faults, parser->reader.line, "payload-types: encoding", name,
			      encoding_names());
	else if (err == -ERANGE)
		complain(parser, "'%s': no such clock rate; there is %s", word, rates);
	else if (err == -ENODATA)
		complain(parser, "'%s' has several clock rates; write %s/RATE with %s", word, name,
			 rates);
	return !err;
}

void take_payload_type(struct parser *parser, char *value, struct agfeo_payload_types *types)
{
	char *words[2], already[ENCODING_TEXT];
	uint8_t encoding, *place;
	uint64_t type;

	if (split_words(value, words, ARRAY_SIZE(words)) != ARRAY_SIZE(words)) {
		complain(parser, "two words belong here: NUMBER ENCODING, as in '96 opus/48000', "
				 "'101 telephone-event' or '97 16000'");
		return;
	}
	if (number_parse(words[0], AGFEO_FIRST_DYNAMIC, LAST_DYNAMIC, &type)) {
		complain(parser,
			 "'%s' is no dynamic payload type; write %d to %d: those below mean the "
			 "same everywhere (RFC 3551)",
			 words[0], AGFEO_FIRST_DYNAMIC, LAST_DYNAMIC);
		return;
	}
	if (!take_encoding(parser, words[1], &encoding))
		return;
	place = &types->encoding[type - AGFEO_FIRST_DYNAMIC];
	if (*place)
		complain(parser, "%s is %s already; keep one of the two", words[0],
			 encoding_format(*place, already));
	else
		*place = encoding;
}
