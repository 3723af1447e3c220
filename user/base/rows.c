/* SPDX-License-Identifier: GPL-2.0 */
/* See rows.h. */
#include "base/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int rows_make_room(void *rows, size_t count, size_t *room, size_t size)
{
	size_t wanted = *room ? 2 * *room : 64;
	void *old, *grown;

	if (count < *room)
		return 0;
	memcpy(&old, rows, sizeof(old));
	grown = realloc(old, wanted * size);
	if (!grown)
		return -ENOMEM;
	memcpy(rows, &grown, sizeof(grown));
	*room = wanted;
	return 0;
}
