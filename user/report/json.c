/* SPDX-License-Identifier: GPL-2.0 */
/* A writer of JSON; see json.h. */
#include "report/json.h"

#include <math.h>

size_t utf8_character(const char *text)
{
	const unsigned char *byte = (const unsigned char *)text;
	static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned point;
	size_t size;

	if (byte[0] < 0x80)
		return byte[0] != 0;
	if ((byte[0] & 0xe0) == 0xc0)
		size = 2;
	else if ((byte[0] & 0xf0) == 0xe0)
		size = 3;
	else if ((byte[0] & 0xf8) == 0xf0)
		size = 4;
	else
		return 0;

	point = byte[0] & (0xff >> (size + 1));
	for (size_t i = 1; i < size; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (byte[i] & 0x3f);
	}
	if (point < least[size] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return 0;
	return size;
}

/* One character of a string; returns how many bytes of the text it took. */
static size_t put_character(FILE *out, const char *at)
{
	unsigned char c = (unsigned char)*at;
	size_t size;

	if (c == '"' || c == '\\') {
		fputc('\\', out);
		fputc(c, out);
		return 1;
	}
	if (c < 0x20 || c == 0x7f) {
		fprintf(out, "\\u%04x", c);
		return 1;
	}
	size = utf8_character(at);
	if (!size) {
		fputs("\\ufffd", out);
		return 1;
	}
	fwrite(at, 1, size, out);
	return size;
}

static void put_string(FILE *out, const char *text)
{
	fputc('"', out);
	while (*text)
		text += put_character(out, text);
	fputc('"', out);
}

static void begin(struct json *json, const char *name)
{
	if (json->more)
		fputc(',', json->out);
	json->more = true;
	if (!name)
		return;
	put_string(json->out, name);
	fputc(':', json->out);
}

static void open_with(struct json *json, const char *name, char bracket)
{
	begin(json, name);
	fputc(bracket, json->out);
	json->more = false;
}

static void close_with(struct json *json, char bracket)
{
	fputc(bracket, json->out);
	json->more = true;
}

void json_open(struct json *json, const char *name)
{
	open_with(json, name, '{');
}

void json_close(struct json *json)
{
	close_with(json, '}');
}

void json_array(struct json *json, const char *name)
{
	open_with(json, name, '[');
}

void json_array_end(struct json *json)
{
	close_with(json, ']');
}

void json_string(struct json *json, const char *name, const char *text)
{
	if (!text) {
		json_null(json, name);
		return;
	}
	begin(json, name);
	put_string(json->out, text);
}

void json_number(struct json *json, const char *name, uint64_t number)
{
	begin(json, name);
	fprintf(json->out, "%llu", (unsigned long long)number);
}

void json_real(struct json *json, const char *name, double number, int decimals)
{
	begin(json, name);
	if (isfinite(number))
		fprintf(json->out, "%.*f", decimals, number);
	else
		fputs("null", json->out);
}

void json_boolean(struct json *json, const char *name, bool value)
{
	begin(json, name);
	fputs(value ? "true" : "false", json->out);
}

void json_null(struct json *json, const char *name)
{
	begin(json, name);
	fputs("null", json->out);
}

void json_dscp(struct json *json, const char *name, uint8_t dscp)
{
	if (dscp < 64)
		json_number(json, name, dscp);
	else
		json_null(json, name);
}

void json_time(struct json *json, const char *name, uint64_t ns)
{
	begin(json, name);
	fprintf(json->out, "%llu.%03llu", (unsigned long long)(ns / 1000000000),
		(unsigned long long)(ns / 1000000 % 1000));
}

void json_end(struct json *json)
{
	fputc('\n', json->out);
	json->more = false;
}
