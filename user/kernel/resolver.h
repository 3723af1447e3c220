/* SPDX-License-Identifier: GPL-2.0 */
/*
 * AGFEO's names to addresses, by c-ares on the event loop: each name asked for A and for AAAA, again
 * when the answer's time is over. Only whole names are asked, never with a search domain.
 */
#ifndef USER_KERNEL_RESOLVER_H
#define USER_KERNEL_RESOLVER_H

#include <event2/event.h>
#include <stdbool.h>

#include "policy/cloud_book.h"

struct resolver;

/* An answer. error NULL: `count` addresses, which hold for `seconds`; else nobody answered, or none
 * such exists (denied), and it is asked again after `seconds`. */
struct resolver_answer {
	enum agfeo_host host;
	bool v4;
	const struct address *addresses;
	size_t count;
	unsigned seconds;
	const char *error;
	bool denied; /* the name has no address of this family: that is an answer */
};

int resolver_new(struct event_base *base,
		 void (*answered)(const struct resolver_answer *answer, void *context),
		 void *context, struct resolver **ret_resolver);
void resolver_free(struct resolver *resolver);

/*
 * Asks for the hosts of the mask, at once for those that are new; the others are left alone. The
 * site's resolvers are asked where it names some, else those of the system.
 */
void resolver_want(struct resolver *resolver, uint32_t hosts, const struct site *site);
/* All of them once more, now: an interface came back, somebody asked for it. */
void resolver_again(struct resolver *resolver);

#endif
