/* SPDX-License-Identifier: GPL-2.0 */
/* AGFEO's hosts and their addresses, rendered; see known.h. */
#include "report/known.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "report/table.h"

static int compare(const void *left, const void *right)
{
	const struct known_address *a = left, *b = right;

	if (a->host != b->host)
		return a->host < b->host ? -1 : 1;
	if (address_is_v4(&a->address) != address_is_v4(&b->address))
		return address_is_v4(&a->address) ? -1 : 1;
	return memcmp(&a->address, &b->address, sizeof(a->address));
}

void known_addresses_sort(struct known_address *rows, size_t count)
{
	if (count)
		qsort(rows, count, sizeof(*rows), compare);
}

const char *known_source(const struct known_address *row)
{
	if (row->refreshed && row->watched)
		return "refreshed, seen";
	return row->watched ? "seen" : "refreshed";
}

void known_addresses_put(struct json *json, const struct known_address *rows, size_t count)
{
	char text[ADDRESS_TEXT];

	json_array(json, "names");
	for (size_t i = 0; i < count; i++) {
		if (!i || rows[i].host != rows[i - 1].host) {
			json_open(json, NULL);
			json_string(json, "name", host_name(rows[i].host));
			json_array(json, "addresses");
		}
		json_open(json, NULL);
		json_string(json, "address", address_format(&rows[i].address, text));
		json_string(json, "source", known_source(&rows[i]));
		json_number(json, "expires_s", rows[i].seconds > 0 ? (uint64_t)rows[i].seconds : 0);
		json_close(json);
		if (i + 1 == count || rows[i + 1].host != rows[i].host) {
			json_array_end(json);
			json_close(json);
		}
	}
	json_array_end(json);
}

int known_addresses_print(FILE *out, const struct known_address *rows, size_t count)
{
	static const char *const headers[] = {"AGFEO HOST", "ADDRESS", "SOURCE", "HOLDS", NULL};
	_cleanup_(table_freep) struct table *table = table_new(headers);
	char address[ADDRESS_TEXT], left[AMOUNT_TEXT];

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		table_cell(table, "%s", host_name(rows[i].host));
		table_cell(table, "%s", address_format(&rows[i].address, address));
		table_cell(table, "%s", known_source(&rows[i]));
		if (rows[i].seconds > 0)
			table_cell(table, "%s", duration_format((uint64_t)rows[i].seconds, left));
		else
			table_cell(table, "%s", "over, kept while it is used");
	}
	if (count)
		fputc('\n', out);
	return table_print(table, out);
}
