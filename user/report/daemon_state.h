/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the daemon says of itself: it writes <run>/run.json, `status` reads it. Pure. Times are
 * CLOCK_REALTIME in ns, 0 is never; errors are "" while all is well.
 */
#ifndef USER_REPORT_DAEMON_STATE_H
#define USER_REPORT_DAEMON_STATE_H

#include <agfeo/hosts.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "report/json.h"

#define DAEMON_TEXT 1024

struct daemon_name {
	bool wanted;		 /* a service of the configuration reaches it */
	uint64_t addresses;	 /* known now */
	uint64_t answered_ns;	 /* last answer */
	char error[DAEMON_TEXT]; /* of the last question */
};

struct daemon_state {
	uint64_t pid;
	uint64_t started_ns;
	char config[DAEMON_TEXT];

	char textfile[DAEMON_TEXT];
	uint64_t written_ns;
	char textfile_error[DAEMON_TEXT];

	uint64_t reloaded_ns;		/* last try, at SIGHUP */
	char reload_error[DAEMON_TEXT]; /* lines, as load says them */

	uint64_t reattached_ns; /* an interface came back */
	char reattach_error[DAEMON_TEXT];

	uint64_t swept_flows, swept_fragments, swept_sources, swept_index, mended_index;
	struct daemon_name names[AGFEO_HOST_COUNT];
};

/*
 * {"pid","config","textfile","started_at","written_at","textfile_error",…,"names":[{"name",
 * "addresses","answered_at","error"}]}: the members of struct daemon_state; times are seconds since
 * the epoch, null is never or nothing. For textfile_write(); what: a struct daemon_state.
 */
int daemon_state_render(FILE *out, const void *what);
/* -EINVAL: it is no such document. */
int daemon_state_parse(const char *text, struct daemon_state *ret_state);

/* The same members as of `name` within a document; NULL state: null. */
void daemon_state_put(struct json *json, const char *name, const struct daemon_state *state);
/* Lines for people, in the form of render_status_text(). NULL: no daemon runs. */
void daemon_state_print(FILE *out, const struct daemon_state *state, uint64_t now_ns);

#endif
