/* SPDX-License-Identifier: GPL-2.0 */
/* Configurations, written and loaded; see boxes.h. */
#include "boxes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

struct text {
	char *bytes;
	size_t size;
	FILE *file;
};

static int text_begin(struct text *text, unsigned flows)
{
	text->file = open_memstream(&text->bytes, &text->size);
	if (!text->file)
		return fail(errno, "configuration");
	fprintf(text->file,
		"[site]\nnetworks = 192.168.10.0/24, 10.0.0.0/8, fd00:10::/64\nflows = %u\n"
		"new-flows = 0\n[provider p]\nnetworks = 217.0.0.0/8, 2001:db8:64::/48\n",
		flows);
	return 0;
}

static int text_open_box(struct text *text, struct box *ret_box)
{
	int err;

	fclose(text->file);
	err = box_open(text->bytes, ret_box);
	free(text->bytes);
	return err;
}

int box_open_usual(unsigned flows, const char *quality, struct box *ret_box)
{
	struct text text;
	int err = text_begin(&text, flows);

	if (err)
		return err;
	fprintf(text.file,
		"[device pbx]\nmodel = es-pure-ip-x-it\naddress = 192.168.10.2, fd00:10::2\n"
		"provider = p\nquality = %s\n",
		quality);
	return text_open_box(&text, ret_box);
}

int box_open_devices(unsigned count, struct box *ret_box)
{
	struct text text;
	int err = text_begin(&text, BOXES_FLOWS);

	for (unsigned i = 0; !err && i < count; i++)
		fprintf(text.file,
			"[device d%u]\nmodel = es-pure-ip-x-it\naddress = 10.1.%u.%u\n"
			"provider = p\nquality = off\n",
			i, i >> 8, i & 0xff);
	return err ? err : text_open_box(&text, ret_box);
}

int box_open_ranges(unsigned count, struct box *ret_box)
{
	struct text text;
	int err = text_begin(&text, BOXES_FLOWS);

	for (unsigned i = 0; !err && i < count; i++) {
		if (i % BOXES_PORTS_A_LIST == 0)
			fprintf(text.file,
				"[device d%u]\nmodel = lm-508\naddress = 10.1.0.%u\n"
				"quality = off\n",
				i / BOXES_PORTS_A_LIST, i / BOXES_PORTS_A_LIST);
		fprintf(text.file, "allow = both udp %u-%u from any\n", BOXES_RANGES_AT + i * 4,
			BOXES_RANGES_AT + i * 4 + 1);
	}
	return err ? err : text_open_box(&text, ret_box);
}
