/* SPDX-License-Identifier: GPL-2.0 */
/* All rows as one list. */
#include "rows.h"

#include "base/cleanup.h"

static const struct row_list *const chapters[] = {
	&rows_services, &rows_flows,	 &rows_tcp,   &rows_icmp,
	&rows_wire,	&rows_fragments, &rows_marks, &rows_guards,
};

size_t rows_count(void)
{
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(chapters); i++)
		count += chapters[i]->count;
	return count;
}

const struct row *rows_at(size_t index)
{
	for (size_t i = 0; i < ARRAY_SIZE(chapters); i++) {
		if (index < chapters[i]->count)
			return &chapters[i]->rows[index];
		index -= chapters[i]->count;
	}
	return NULL;
}

size_t row_length(const struct row *row)
{
	size_t length = 0;

	while (length < STEPS_MOST && row->steps[length].packet)
		length++;
	return length;
}
