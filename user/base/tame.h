/* SPDX-License-Identifier: GPL-2.0 */
/* Text that quotes what others wrote, before a terminal gets it. */
#ifndef USER_BASE_TAME_H
#define USER_BASE_TAME_H

/* Control characters become '?', in place, so that no terminal obeys them. Returns text. */
char *tame(char *text);

#endif
