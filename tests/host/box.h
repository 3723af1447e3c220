/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A box on the host: the maps and programs that a loader has, without a kernel. loader.c has the
 * functions of user/kernel/loader.h, so that what is written for those (tests/prog/runner.c, replay)
 * runs unchanged; the policy is published by the tool's own code. Several may be open at a time.
 */
#ifndef TESTS_HOST_BOX_H
#define TESTS_HOST_BOX_H

#include <agfeo/abi.h>
#include <stdbool.h>
#include <stddef.h>

struct bpf_test_run_opts;
struct host_map;
struct host_shape;
struct loader;

/* The descriptor behind HOST_PIN/map/NAME or HOST_PIN/prog/NAME of the box that was opened last, or
 * -ENOENT. */
int host_box_pinned(const char *path);
/* As BPF_PROG_RUN does it. Negative errno. */
int host_box_run(int program, struct bpf_test_run_opts *options);

/* The box that has this map, as if it had just been loaded: no flows, fragments, expectations; full
 * budgets. */
void host_box_forget(int map);
struct host_map *host_box_map(const struct loader *loader, const char *name);

/* What the kernel may do differently, until said otherwise. 0 is the plain case. */
struct host_kernel {
	unsigned linear;     /* bytes of an skb that are at hand before anybody asks for more */
	unsigned segments;   /* that an skb stands for */
	bool no_ring;	     /* the ring buffer is full */
	bool no_maps;	     /* a lookup in an array finds nothing, as no kernel does */
	bool tagged;	     /* the tag of an skb's VLAN stands beside it */
	unsigned mtu;	     /* of the interface that it leaves by; 0: 1500 */
	__u64 jiffies;	     /* later than at first, where the clock is not the capture's */
	unsigned redirected; /* told by the programs: the interface that the last frame went to */
	/* Who reads ring buffers; NULL: nobody does. The record is gone afterwards. */
	void (*told)(const void *record, size_t size);
};
extern struct host_kernel host_kernel;

/* ------------------------------------------------------------------ between loader.c and programs.c */

/* A program's context, with pointers of the host's width. */
struct host_packet {
	unsigned char *data;
	size_t length;
	unsigned ifindex, arrived_on;
	unsigned priority;
};

/* The shapes of all maps, in an order of programs.c; *ret_count of them. */
const struct host_shape *host_program_maps(size_t *ret_count);
/* The maps that programs see from now on, in that order. */
void host_program_use(struct host_map *const *maps, const struct agfeo_program_config *config);
/* -ENOENT: no program of that name. Else its number. */
int host_program_find(const char *name);
/* Its packets begin with an Ethernet header. */
bool host_program_has_link(int number);
/* What the program returns; the packet may have changed. */
int host_program_run(int number, struct host_packet *packet);

#endif
