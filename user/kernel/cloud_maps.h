/* SPDX-License-Identifier: GPL-2.0 */
/* The maps cloud4 and cloud6: AGFEO's addresses as the datapath sees them. */
#ifndef USER_KERNEL_CLOUD_MAPS_H
#define USER_KERNEL_CLOUD_MAPS_H

#include "policy/cloud_book.h"
#include "report/flow.h"
#include "report/known.h"

/* What the maps say, which outlived whoever wrote it, into the book. Says its own errors. */
int cloud_maps_read(const char *pin, const struct flow_clock *clock, uint64_t now,
		    struct cloud_book *book);

/*
 * The maps say what the book says. Before, the book learns from the datapath which addresses new
 * flows were opened to in the last minutes, and those that an answer taught it since. now: of the
 * book, in seconds.
 */
int cloud_maps_write(const char *pin, const struct flow_clock *clock, uint64_t now,
		     struct cloud_book *book);

/* Addresses that live flows talk to count as used. */
int cloud_maps_see_flows(const char *pin, const struct flow_clock *clock, uint64_t now,
			 struct cloud_book *book);

/* What the maps say now, by host, then address. The caller frees. Says its own errors. */
int cloud_maps_list(const char *pin, const struct agfeo_meta *meta, struct known_address **ret_rows,
		    size_t *ret_count);

#endif
