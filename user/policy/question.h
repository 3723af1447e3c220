/* SPDX-License-Identifier: GPL-2.0 */
/* Questions and answers of `explain` as text: "PROTO SRC[:PORT] DST[:PORT]" in, a line out. */
#ifndef USER_POLICY_QUESTION_H
#define USER_POLICY_QUESTION_H

#include "policy/policy.h"

#define ASSUMED_PORT   49152 /* asked where none is given: the first of the dynamic ones (RFC 6335) */
#define QUESTION_ERROR 256
#define ANSWER_TEXT    2048

/* A question and how it was put. */
struct asked_question {
	struct question question;
	const char *host[2]; /* an AGFEO host's name that stood for the address, or NULL */
	bool assumed[2];     /* no port was given: ASSUMED_PORT */
};

/* Devices by name. */
struct name_index;

struct name_index *name_index_new(const struct site *site);
void name_index_free(struct name_index *names);
static inline void name_index_freep(struct name_index **names)
{
	name_index_free(*names);
}

/*
 * protocol: udp, tcp, icmp, icmpv6 or a number. An end: an address, a device's name (its first
 * address) or a name of AGFEO's hosts; with ":PORT" where the protocol has ports.
 * Returns 0, or -EINVAL with a sentence in `error` (QUESTION_ERROR bytes).
 */
int question_parse(const struct name_index *names, const char *protocol, const char *source,
		   const char *destination, struct asked_question *ret_asked, char *error);

/* One line without its newline; `text` has ANSWER_TEXT bytes. Return its length. */
size_t answer_to_text(const struct asked_question *asked, const struct answer *answer, char *text);
size_t answer_to_json(const struct asked_question *asked, const struct answer *answer, char *text);
/* {"line":3,"error":"…"} */
size_t question_error_to_json(unsigned long line, const char *error, char *text);

#endif
