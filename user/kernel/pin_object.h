/* SPDX-License-Identifier: GPL-2.0 */
/* Whose a pinned object is: other tools pin theirs on the same file system, perhaps in our folder. */
#ifndef USER_KERNEL_PIN_OBJECT_H
#define USER_KERNEL_PIN_OBJECT_H

#include <stdint.h>

struct bpf_map_info;

/*
 * Whether <pin>/FOLDER/NAME is what agfeoctl, of whatever version, pins there by that name: true,
 * false, or a negative errno, untold, where it cannot be found out (rights, memory, descriptors).
 */
int pin_is_ours(const char *pin, const char *folder, const char *name);
/* 0 when it is; -EEXIST, or why it cannot be found out, with a message that names it. */
int pin_refuse_foreign(const char *pin, const char *folder, const char *name);

/* Our map of that name, of whatever layout, to be closed. -ENOENT, untold: nothing has the name. */
int pin_open_map(const char *pin, const char *name, int *ret_map, struct bpf_map_info *ret_info);

/*
 * -EEXIST, with a message that names it, when somebody else has a pin in one of our folders: nothing
 * is to be made or removed there.
 */
int pins_refuse_foreign(const char *pin);
/* The same of one folder. */
int pins_refuse_foreign_in(const char *pin, const char *folder);

/* The pinned program of that id, to be closed. For who may not ask the kernel by id. -ENOENT. */
int pins_program_by_id(const char *pin, uint32_t id, int *ret_fd);

#endif
