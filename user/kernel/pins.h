/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is pinned, and where: <pin>/prog/NAME, <pin>/map/NAME, <pin>/link/INTERFACE-xdp and
 * <pin>/link/INTERFACE-tc. Folders are 0700, pins 0600. Everything here says its own errors.
 */
#ifndef USER_KERNEL_PINS_H
#define USER_KERNEL_PINS_H

#include <agfeo/abi.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#define PIN_NAME_SIZE 64 /* an interface name, every byte escaped, and "-xdp" */

/* A descriptor of <pin>/map/NAME. -ENOENT when nothing is loaded there. The caller closes it. */
int pins_open_map(const char *pin, const char *name, int *ret_fd);
/* The same of <pin>/prog/NAME. */
int pins_open_program(const char *pin, const char *name, int *ret_fd);

/*
 * Who made the pins. -ENOENT: nothing is loaded, and the message says to run load; -EPROTO: loaded by
 * a version with another AGFEO_ABI, whose maps must not be read with our structures.
 */
int pins_read_meta(const char *pin, struct agfeo_meta *ret_meta);
/* The switch: generation and mid-stream pickup. */
int pins_read_control(const char *pin, struct agfeo_control *ret_control);

/* The datapath's clock now, in ticks of agfeo_meta.tick_ns: asked of the pinned program `clock`. */
int clock_tick(const char *pin, uint32_t *ret_tick);

/* ------------------------------------------------------------------ for the loader itself */

enum pins_state {
	PINS_NONE,	 /* nothing is there */
	PINS_INCOMPLETE, /* a first load that never got as far as publishing a policy */
	PINS_LOADED,
};

/* What stands at `pin`, without a word. For PINS_LOADED of any ABI ret_meta is filled, else zeroed. */
int pins_inspect(const char *pin, enum pins_state *ret_state, struct agfeo_meta *ret_meta);

/* The name of a link's pin: '.' is not allowed on a bpffs, and VLANs have it. `hook`: "xdp", "tc". */
const char *pins_link_name(const char *interface, const char *hook, char text[PIN_NAME_SIZE]);
/* The same back. -EINVAL when `name` is no link of that hook. */
int pins_link_interface(const char *name, const char *hook, char interface[PIN_NAME_SIZE]);

/* Joins with '/'. -ENAMETOOLONG. */
int pins_path(char path[PATH_MAX], const char *pin, const char *folder, const char *name);

/* The folders, where they are missing. */
int pins_make_folders(const char *pin);
/* Pins a descriptor; an older pin of that name is replaced atomically. */
int pins_put(const char *pin, const char *folder, const char *name, int fd);
/* Removes one pin; that it is not there is no error. */
int pins_remove(const char *pin, const char *folder, const char *name);
/* Calls back for each name in <pin>/FOLDER until the callback returns other than 0. */
int pins_each(const char *pin, const char *folder, int (*callback)(const char *name, void *context),
	      void *context);
/* Removes every pin and the folders: links first, so that enforcement ends before its state does. */
int pins_remove_all(const char *pin);

#endif
