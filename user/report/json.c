/* SPDX-License-Identifier: GPL-2.0 */
/* A writer of JSON; see json.h. */
#include "report/json.h"

#include <math.h>

#include "base/printable.h"

/* One character of a string; returns how many bytes of the text it took. */
static size_t put_character(FILE *out, const char *at)
{
	unsigned char c = (unsigned char)*at;
	unsigned control;
	size_t size;

	if (c == '"' || c == '\\') {
		fputc('\\', out);
		fputc(c, out);
		return 1;
	}
	size = control_character(at, &control);
	if (size) {
		fprintf(out, "\\u%04x", control);
		return size;
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
