/* SPDX-License-Identifier: GPL-2.0 */
/* Arrays that grow row by row. */
#ifndef USER_BASE_ROWS_H
#define USER_BASE_ROWS_H

#include <stddef.h>

/*
 * Room for one more row of `size` bytes behind `count`: twice as much whenever it is full. rows: the
 * address of the pointer to the first, which is replaced; room: for how many there is room.
 * Returns 0 or -ENOMEM, with all as it was.
 */
int rows_make_room(void *rows, size_t count, size_t *room, size_t size);

#endif
