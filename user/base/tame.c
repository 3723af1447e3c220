/* SPDX-License-Identifier: GPL-2.0 */
/* See tame.h. */
#include "base/tame.h"

char *tame(char *text)
{
	for (unsigned char *at = (unsigned char *)text; *at; at++) {
		/* U+0080 to U+009f are control characters too. */
		if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0)
			at[0] = at[1] = '?';
		else if (*at < ' ' || *at == 0x7f)
			*at = '?';
	}
	return text;
}
