/* SPDX-License-Identifier: GPL-2.0 */
/* What F1 shows: keys, and how to read the figures; see screen_parts.h. */
#include "base/cleanup.h"
#include "report/screen_parts.h"

static const char *const lines[] = {
	" F2 c      calls: how they sound, the worst first",
	" d         devices: packets a second that pass in and out, and that are dropped",
	" r         drops by reason and device, and the last ones by address",
	" Tab       the next of these three",
	" M L J T   calls by MOS, loss, jitter, time (the newest first); I turns it round",
	" up, down, PgUp, PgDn, Home, End   choose a row; a chosen call shows more",
	" /         only rows with a text in them; Enter keeps it, Esc takes it away",
	" p         pause: what is shown stands still; what is counted goes on",
	" + -       a second more or less between readings",
	" F1 h ?    this help, and back",
	" q F10     quit",
	"",
	"IN is towards the device, OUT is from it, so IN is what its user hears.",
	"LOSS %, JIT mean jitter in ms (RFC 3550), MOS 1 to 4.5 (ITU-T G.107; ? where",
	"none is published for the codec). Green satisfies, yellow leaves some users",
	"dissatisfied (MOS below 4.03), red many (below 3.6).",
	"ONE-WAY: one direction talks while the other has been silent for 3 s. If packets",
	"of the silent one are dropped here, the chosen call says which and why.",
	"Calls that ended stay for a minute, at the bottom.",
	"",
	"passed, dropped: packets a second on the accounts of devices. What goes from one",
	"device to another passes on the accounts of both; what is dropped is on one.",
	"The line beside them is the last minute, scaled to its peak; blank: unmeasured.",
	"table: entries of all flow tables; expired flows count until they are swept.",
	"In monitor mode what is shown as dropped was let through.",
};

void help_draw(struct screen *screen, struct screen_area area, struct screen_view *view)
{
	size_t count = ARRAY_SIZE(lines), room = area.count > 0 ? (size_t)area.count : 0;

	view->page = room ? room : 1;
	if (view->help_first + room > count)
		view->help_first = count > room ? count - room : 0;
	for (size_t i = 0; i < room && view->help_first + i < count; i++)
		screen_put(screen, area.first + (int)i, 0, SCREEN_PLAIN, "%s",
			   lines[view->help_first + i]);
}
