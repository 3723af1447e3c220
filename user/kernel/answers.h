/* SPDX-License-Identifier: GPL-2.0 */
/* DNS answers that the datapath hands over, on the daemon's event loop. */
#ifndef USER_KERNEL_ANSWERS_H
#define USER_KERNEL_ANSWERS_H

#include <agfeo/abi.h>
#include <event2/event.h>

struct answers;

/*
 * Calls back for each answer, those first that wait already, and once they are all read: then the
 * reader may be freed. -ENOENT, without a word: the pins are of a version that hands none over. The
 * caller is the only reader of these pins.
 */
struct answers_calls {
	void (*each)(const struct agfeo_dns_answer *answer, void *context);
	void (*all_read)(void *context);
};

int answers_open(const char *pin, struct event_base *base, const struct answers_calls *calls,
		 void *context, struct answers **ret_answers);
void answers_free(struct answers *answers);

#endif
