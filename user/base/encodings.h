/* SPDX-License-Identifier: GPL-2.0 */
/* The encodings of include/agfeo/encodings.h as text: "opus/48000", "telephone-event", "16000". */
#ifndef USER_BASE_ENCODINGS_H
#define USER_BASE_ENCODINGS_H

#include <agfeo/encodings.h>
#include <stddef.h>
#include <stdint.h>

#define ENCODING_TEXT 32

/* "" for one that has no name but a clock rate, and for none. */
const char *encoding_name(uint8_t encoding);
unsigned encoding_rate(uint8_t encoding); /* Hz; 0 for none */
enum agfeo_encoding_kind encoding_kind(uint8_t encoding);
/* "opus/48000", or "16000" without a name. The buffer needs ENCODING_TEXT bytes. */
const char *encoding_format(uint8_t encoding, char *text);

/* All names, each once; NULL-terminated. */
const char *const *encoding_names(void);
/* The rates of a name: "8000, 16000 or 32000"; "" ones: of what has none. Returns the buffer. */
const char *encoding_rates(const char *name, char *text, size_t size);

/*
 * A name as in SDP in any case, with "/RATE" where it has several; or a rate alone. What SDP writes
 * behind the rate ("opus/48000/2", channels) may stand there.
 * -ENOENT: nothing has the name; -ERANGE: it has no such rate; -ENODATA: it has several.
 */
int encoding_parse(const char *text, uint8_t *ret_encoding);

#endif
