/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines of a configuration, as inih gets them. inih's buffer is 200 bytes in Debian's build and
 * what is beyond is lost without a word, so a long line goes to it in pieces, as continuation lines
 * (white space first), which the handler joins again. What inih would pass over in silence (a line
 * without '=', an open section header) is told here.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "config/parse.h"

#define INI_NAME 49 /* longest section or key that inih keeps whole */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

struct line {
	const char *at, *end;
};

static struct line trimmed(const char *at, const char *end)
{
	while (at < end && is_blank(*at))
		at++;
	while (at < end && is_blank(end[-1]))
		end--;
	return (struct line){at, end};
}

/* The line without its comment and outer white space. */
static struct line without_comment(const char *at, const char *end)
{
	for (const char *c = at; c < end; c++)
		if ((*c == '#' || *c == ';') && (c == at || is_blank(c[-1])))
			return trimmed(at, c);
	return trimmed(at, end);
}

/* Length of the well-formed UTF-8 sequence at the start (RFC 3629), or 0. */
static size_t utf8_length(const unsigned char *at, const unsigned char *end)
{
	size_t length = *at < 0x80 ? 1 : *at < 0xc2 ? 0 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;

	if (!length || *at > 0xf4 || (size_t)(end - at) < length)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((*at == 0xe0 && at[1] < 0xa0) || (*at == 0xed && at[1] > 0x9f) ||
	    (*at == 0xf0 && at[1] < 0x90) || (*at == 0xf4 && at[1] > 0x8f))
		return 0;
	return length;
}

static bool is_text(struct reader *reader, struct line line)
{
	const unsigned char *at = (const unsigned char *)line.at;
	const unsigned char *end = (const unsigned char *)line.end;

	while (at < end) {
		size_t length = utf8_length(at, end);

		/* Of two bytes: U+0080 to U+009f. */
		if ((*at < 0x20 && *at != '\t') || *at == 0x7f ||
		    (length == 2 && *at == 0xc2 && at[1] < 0xa0)) {
			fault(reader->faults, reader->line,
			      "a control character (0x%02x); only text may stand here",
			      length == 2 ? at[1] : *at);
			return false;
		}
		if (!length) {
			fault(reader->faults, reader->line,
			      "not UTF-8 (byte 0x%02x); save the file as UTF-8", *at);
			return false;
		}
		at += length;
	}
	return true;
}

static bool set_text(struct reader *reader, const char *before, struct line middle,
		     const char *between, struct line after)
{
	size_t size = strlen(before) + (size_t)(middle.end - middle.at) + strlen(between) +
		      (size_t)(after.end - after.at);
	char *text = realloc(reader->text, size + 1);
	char *at;

	if (!text) {
		reader->faults->out_of_memory = true;
		return false;
	}
	at = stpcpy(text, before);
	at = mempcpy(at, middle.at, (size_t)(middle.end - middle.at));
	at = stpcpy(at, between);
	at = mempcpy(at, after.at, (size_t)(after.end - after.at));
	*at = '\0';
	reader->text = text;
	reader->size = size;
	reader->given = 0;
	return true;
}

/* Behind a ']' a comment needs no blank: nothing else may stand there. */
static bool ends_header(const char *close, const char *end)
{
	struct line rest = trimmed(close + 1, end);

	return rest.at == rest.end || *rest.at == '#' || *rest.at == ';';
}

/* "[section]". One with a fault is fed as "[?]", so that its keys do not join the section before. */
static bool read_header(struct reader *reader, struct line line)
{
	static const char unknown[] = "?";
	struct line none = {unknown, unknown};
	const char *close = memchr(line.at, ']', (size_t)(line.end - line.at));
	struct line title;

	reader->broken = true;
	if (!close) {
		fault(reader->faults, reader->line,
		      "section header without its ']'; write [site] or [device NAME]");
	} else if (!ends_header(close, line.end)) {
		fault(reader->faults, reader->line,
		      "something stands after the ']' of a section header; put it on a line of its "
		      "own");
	} else if (close - line.at > INI_NAME) {
		fault(reader->faults, reader->line,
		      "section header too long: at most %d letters between the brackets", INI_NAME);
	} else {
		reader->broken = false;
	}
	title = reader->broken ? (struct line){unknown, unknown + 1} : trimmed(line.at + 1, close);
	reader->announce = true;
	return set_text(reader, "[", title, "]", none);
}

static bool is_key(struct line name)
{
	if (name.at == name.end || name.end - name.at > INI_NAME)
		return false;
	for (const char *c = name.at; c < name.end; c++)
		if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_')
			return false;
	return true;
}

static bool read_key(struct reader *reader, struct line line)
{
	const char *equals = memchr(line.at, '=', (size_t)(line.end - line.at));
	struct line name;

	if (!equals) {
		fault(reader->faults, reader->line,
		      "'%.*s%s' is neither 'key = value' nor '[section]'",
		      (int)(line.end - line.at > 40 ? 40 : line.end - line.at), line.at,
		      line.end - line.at > 40 ? "…" : "");
		return false;
	}
	name = trimmed(line.at, equals);
	if (!is_key(name)) {
		fault(reader->faults, reader->line,
		      "'%.*s' is no key: one word of letters, digits and '-' stands before the '='",
		      (int)(name.end - name.at > 40 ? 40 : name.end - name.at), name.at);
		return false;
	}
	return set_text(reader, "", name, "=", trimmed(equals + 1, line.end));
}

/* Takes the next line that says something. False at the end of the text. */
static bool next_line(struct reader *reader)
{
	static const char bom[] = "\xef\xbb\xbf";

	while (reader->at < reader->end) {
		const char *at = reader->at;
		const char *end = memchr(at, '\n', (size_t)(reader->end - at));
		struct line line;

		end = end ? end : reader->end;
		reader->at = end < reader->end ? end + 1 : end;
		reader->line++;
		if (reader->line == 1 && end - at >= 3 && !memcmp(at, bom, 3))
			at += 3;
		line = without_comment(at, end);
		if (line.at == line.end || !is_text(reader, line))
			continue;
		if (*line.at == '[' ? read_header(reader, line) : read_key(reader, line))
			return true;
	}
	return false;
}

/*
 * How much of the rest fits into `room`: all of it, or up to a place where nothing is lost by
 * cutting: inih trims pieces and takes one that begins like a comment for one. 0: no such place.
 */
static size_t piece_size(const struct reader *reader, size_t room)
{
	const char *rest = reader->text + reader->given;

	if (reader->size - reader->given <= room)
		return reader->size - reader->given;
	for (size_t size = room; size > INI_NAME + 1; size--)
		if (!isspace((unsigned char)rest[size - 1]) &&
		    !isspace((unsigned char)rest[size]) && !strchr(";#", rest[size]))
			return size;
	return 0;
}

static char *give_piece(struct reader *reader, char *buffer, size_t room)
{
	size_t size = piece_size(reader, room);
	char *at = buffer;

	if (!size) {
		fault(reader->faults, reader->line,
		      "a stretch of more than 100 blanks or comment signs inside a value");
		reader->given = reader->size;
		return strcpy(buffer, "\n");
	}
	if (reader->given)
		*at++ = ' ';
	at = mempcpy(at, reader->text + reader->given, size);
	strcpy(at, "\n");
	reader->given += size;
	reader->more = reader->given < reader->size;
	return buffer;
}

char *reader_next(char *buffer, int size, void *context)
{
	struct reader *reader = context;

	if (reader->given == reader->size) {
		if (reader->announce) {
			reader->announce = false;
			return strcpy(buffer, "=\n");
		}
		if (!next_line(reader))
			return NULL;
	}
	return give_piece(reader, buffer, (size_t)size - 3); /* a blank, '\n' and the NUL */
}
