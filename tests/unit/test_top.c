/* SPDX-License-Identifier: GPL-2.0 */
/* The live screen: what is drawn of snapshots and calls at any size, and what keys do. */
#include <stdlib.h>

#include "lib/check.h"
#include "lib/drawn.h"

static void test_header(void)
{
	struct screen_view view = {.interval = 2};
	struct screen_data data = everything();
	struct drawn drawn = draw(&view, &data, 80, 24, true);

	CHECK(shows(&drawn, "office  generation 7  enforce  loaded 1m 0s ago"));
	CHECK(shows(&drawn, "every 2s"));
	CHECK(shows(&drawn, "lan0 voice native  wan0 uplink generic  dsl0 uplink GONE"));
	CHECK(shows(&drawn, "flows 6  1 ONE-WAY  voice 4  signalling 2"));
	CHECK(shows(&drawn, "25.0%, 50 of 200 entries"));
	CHECK(shows(&drawn, "passed     75.0/s"));
	CHECK(shows(&drawn, "dropped     4.0/s"));
	now.monitor = true;
	data.site = "";
	data.since = NULL;
	drawn = draw(&view, &data, 80, 24, true);
	CHECK(shows(&drawn, "/etc/agfeo/agfeo.conf  generation 7  monitor: drops nothing"));
	CHECK(shows(&drawn, "passed        -/s"));
	now.monitor = false;
}

static void test_calls(void)
{
	struct screen_view view = {.interval = 1};
	struct screen_data data = everything();
	struct drawn drawn = draw(&view, &data, 80, 24, true);
	int at;

	CHECK(in_order(&view, (const char *[]){"lonely", "opus", "fair", "good", "ended", NULL}));
	at = row_with(&drawn, 0, "lonely");
	CHECK(at >= 0 && strstr(drawn.row[at], "ONE-WAY"));
	CHECK_EQ(drawn.style[at] & SCREEN_COLOUR_MASK, SCREEN_ALARM);
	CHECK(drawn.style[at] & SCREEN_REVERSE);
	CHECK(shows(&drawn, "nothing to the device, and no drop of this box explains it"));
	CHECK(shows(&drawn, "fair        217.10.64.10:30002       1m 15s    5.0%  2.0 3.92"));
	CHECK(shows(&drawn, "20.0%  3.0    ?"));
	at = row_with(&drawn, 0, "ended");
	CHECK_EQ(drawn.style[at] & SCREEN_COLOUR_MASK, SCREEN_DIM);
	drawn = draw(&view, &data, 160, 24, true);
	CHECK(shows(&drawn, "[2001:db8:217::10]:30008"));
	CHECK(shows(&drawn, "LOCAL"));
	data.call_count = 0;
	drawn = draw(&view, &data, 80, 24, true);
	CHECK(shows(&drawn, "no calls"));
}

/* The selected call says why nothing arrives, as far as this box knows. */
static void test_cause(void)
{
	struct screen_view view = {.interval = 1};
	struct screen_data data = everything();
	struct call one = calls[4];
	struct drawn drawn;

	data.calls = &one;
	data.call_count = 1;
	strcpy(one.remote_device, "phone");
	one.dropped_here[AGFEO_IN] = 7;
	drawn = draw(&view, &data, 80, 24, true);
	CHECK(shows(&drawn, "phone:30008"));
	CHECK(shows(&drawn, "in  nothing came, 7 dropped here"));
	drawn = draw(&view, &data, 160, 24, true);
	CHECK(shows(&drawn, "192.168.10.2:5210     7 dropped here"));
	CHECK(shows(&drawn, "ONE-WAY: nothing to the device, because this box drops it"));

	one.cause = (struct call_cause){.known = true,
					.reason = AGFEO_REASON_SCOPE,
					.source_port = 30002,
					.destination_port = 5210};
	CHECK_EQ(address_parse("198.51.100.9", &one.cause.source), 0);
	one.cause.destination = one.local;
	drawn = draw(&view, &data, 80, 24, true);
	CHECK(shows(&drawn, "dropped here: scope 198.51.100.9:30002 -> 192.168.10.2:5210"));
	CHECK(!strstr(drawn.row[row_with(&drawn, 0, "dropped here: scope")],
		      "no drop of this box"));

	data.calls = &calls[3];
	drawn = draw(&view, &data, 80, 24, true);
	CHECK(shows(&drawn, "silent for 10s: over, or on hold"));
}

static void test_order(void)
{
	struct screen_view view = {.interval = 1};

	screen_press(&view, 'L');
	CHECK(in_order(&view, (const char *[]){"opus", "fair", "good", "lonely", "ended", NULL}));
	screen_press(&view, 'J');
	CHECK(in_order(&view, (const char *[]){"good", "opus", "fair", "lonely", "ended", NULL}));
	screen_press(&view, 'T');
	CHECK(in_order(&view, (const char *[]){"lonely", "opus", "fair", "good", "ended", NULL}));
	screen_press(&view, 'I');
	CHECK(in_order(&view, (const char *[]){"good", "fair", "opus", "lonely", "ended", NULL}));
	screen_press(&view, 'M');
	CHECK(in_order(&view, (const char *[]){"lonely", "opus", "fair", "good", "ended", NULL}));
}

static void test_devices(void)
{
	struct screen_view view = {.interval = 1, .pane = PANE_DEVICES};
	struct screen_data data = everything();
	struct drawn drawn = draw(&view, &data, 110, 24, true);
	int title = row_with(&drawn, 0, "DEVICE ");

	CHECK(title > 0 && !strncmp(drawn.row[title + 1], "phone", 5));
	CHECK(title > 0 && !strncmp(drawn.row[title + 2], "pbx", 3));
	CHECK(title > 0 && !strncmp(drawn.row[title + 3], "(no device)", 11));
	CHECK(shows(&drawn,
		    "pbx             es                 50.0    25.0         -        900     "
		    " 10 kB"));
	CHECK(shows(&drawn, "4.0        100"));
}

static void event_of(struct agfeo_event *event, const char *from, uint16_t from_port,
		     const char *to, uint16_t to_port, uint64_t time_ns)
{
	struct address address;

	*event = (struct agfeo_event){
		.time_ns = time_ns,
		.type = AGFEO_EVENT_DROP,
		.source_port = from_port,
		.destination_port = to_port,
		.protocol = 17,
		.reason = AGFEO_REASON_NOT_LISTED,
	};
	if (!address_parse(from, &address))
		memcpy(event->source, address.bytes, 16);
	if (!address_parse(to, &address))
		memcpy(event->destination, address.bytes, 16);
}

static void test_drops(void)
{
	struct screen_view view = {.interval = 1, .pane = PANE_DROPS};
	struct screen_data data = everything();
	struct agfeo_event event;
	struct drawn drawn;
	int scope, spoofed;

	event_of(&event, "217.10.64.10", 30002, "192.168.10.2", 5300, 2 * MINUTE_NS - 3000000000);
	drop_log_add(&drops, &event);
	drawn = draw(&view, &data, 80, 24, true);
	scope = row_with(&drawn, 0, "scope        all                4.0       1000");
	spoofed = row_with(&drawn, 0, "spoofed      all                  -         12");
	CHECK(scope > 0 && spoofed > scope);
	CHECK_EQ(row_with(&drawn, scope, "phone              4.0        100"), scope + 1);
	CHECK_EQ(row_with(&drawn, scope, "pbx                  -        900"), scope + 2);
	CHECK_EQ(row_with(&drawn, scope, "(no device)"), spoofed + 1);
	CHECK(shows(&drawn, "3s  not-listed   udp 217.10.64.10:30002 -> 192.168.10.2:5300"));
	drops.count = 0;
}

static void test_filter(void)
{
	struct screen_view view = {.interval = 1};
	struct screen_data data = everything();
	struct drawn drawn;

	screen_press(&view, '/');
	for (const char *c = "FAiq"; *c; c++)
		CHECK_EQ(screen_press(&view, *c), WISH_NONE);
	screen_press(&view, KEY_CODE_BACKSPACE);
	drawn = draw(&view, &data, 80, 24, true);
	CHECK_STR(drawn.row[23], "Filter: FAi");
	CHECK(row_with(&drawn, 0, "lonely") < 0);
	screen_press(&view, KEY_CODE_ENTER);
	drawn = draw(&view, &data, 80, 24, true);
	CHECK(shows(&drawn, "\"FAi\": 1 of 5"));
	CHECK(shows(&drawn, "217.10.64.10:30002"));
	screen_press(&view, KEY_CODE_ESCAPE);
	drawn = draw(&view, &data, 80, 24, true);
	CHECK(shows(&drawn, "lonely"));
	screen_press(&view, '/');
	screen_press(&view, 'x');
	screen_press(&view, KEY_CODE_ESCAPE); /* while it is typed */
	CHECK(!view.typing);
	CHECK_STR(view.filter, "");
	screen_press(&view, '/');
	for (int i = 0; i < 2 * SCREEN_FILTER; i++)
		screen_press(&view, 0xc3);
	CHECK_EQ(strlen(view.filter), SCREEN_FILTER - 1);
	CHECK_EQ(screen_press(&view, KEY_CODE_F10), WISH_QUIT);
}

static void test_keys(void)
{
	struct screen_view view = {.interval = 1};

	CHECK_EQ(screen_press(&view, 'q'), WISH_QUIT);
	screen_press(&view, '-');
	CHECK_EQ(view.interval, 1);
	for (int i = 0; i < 100; i++)
		screen_press(&view, '+');
	CHECK_EQ(view.interval, SCREEN_INTERVAL_LONGEST);
	screen_press(&view, '-');
	CHECK_EQ(view.interval, SCREEN_INTERVAL_LONGEST - 1);
	screen_press(&view, 'p');
	CHECK(view.paused);
	screen_press(&view, 'p');
	CHECK(!view.paused);
	screen_press(&view, '\t');
	CHECK_EQ(view.pane, PANE_DEVICES);
	screen_press(&view, 'r');
	CHECK_EQ(view.pane, PANE_DROPS);
	screen_press(&view, 'd');
	CHECK_EQ(view.pane, PANE_DEVICES);
	screen_press(&view, 'r');
	screen_press(&view, '\t');
	CHECK_EQ(view.pane, PANE_CALLS);
	screen_press(&view, 'h');
	CHECK(view.help);
	screen_press(&view, KEY_CODE_F2);
	CHECK(!view.help);
}

static void test_scrolling(void)
{
	struct call many[100];
	struct screen_view view = {.interval = 1};
	struct screen_data data = everything();
	struct drawn drawn;
	size_t page;

	for (int i = 0; i < 100; i++)
		many[i] = call_of("pbx", "217.10.64.10", (uint16_t)(40000 + i), 4.409, 0, 1);
	data.calls = many;
	data.call_count = 100;
	drawn = draw(&view, &data, 80, 24, true);
	CHECK(shows(&drawn, ":40000"));
	page = view.page;
	CHECK(page >= 5);
	screen_press(&view, KEY_CODE_PAGE_DOWN);
	draw(&view, &data, 80, 24, true);
	CHECK_EQ(view.selected[PANE_CALLS], page);
	CHECK_EQ(view.first[PANE_CALLS], 1);
	screen_press(&view, KEY_CODE_END);
	drawn = draw(&view, &data, 80, 24, true);
	CHECK_EQ(view.selected[PANE_CALLS], 99);
	CHECK_EQ(view.first[PANE_CALLS], 100 - page);
	CHECK(shows(&drawn, ":40099"));
	screen_press(&view, KEY_CODE_UP);
	CHECK_EQ(view.selected[PANE_CALLS], 98);
	data.call_count = 3;
	drawn = draw(&view, &data, 80, 24, true);
	CHECK_EQ(view.selected[PANE_CALLS], 2);
	CHECK_EQ(view.first[PANE_CALLS], 0);
	screen_press(&view, KEY_CODE_HOME);
	CHECK_EQ(view.selected[PANE_CALLS], 0);
}

static void test_trouble(void)
{
	struct screen_view view = {.interval = 3};
	struct screen_data data = {
		.site = "",
		.trouble = "nothing is loaded at /sys/fs/bpf/agfeo: run 'agfeoctl load'",
	};
	struct drawn drawn = draw(&view, &data, 80, 24, true);

	CHECK(shows(&drawn, data.trouble));
	CHECK(shows(&drawn, "Waiting, and looking every 3 s."));
	drawn = draw(&view, &data, 40, 10, true);
	CHECK(shows(&drawn, "nothing is loaded at /sys/fs/bpf/agfeo:"));
	CHECK(shows(&drawn, "run 'agfeoctl load'"));
	screen_press(&view, KEY_CODE_F1);
	drawn = draw(&view, &data, 80, 24, true);
	CHECK(shows(&drawn, "M L J T"));
}

/* An installer's terminal has 80 columns: nothing of the help is cut there. */
static void test_help(void)
{
	struct screen_view view = {.interval = 1};
	struct screen_data data = everything();
	struct drawn drawn;
	int end;

	screen_press(&view, '?');
	drawn = draw(&view, &data, 200, 50, true);
	CHECK(shows(&drawn, "M L J T   calls by MOS, loss, jitter, time"));
	end = row_with(&drawn, 0, "In monitor mode");
	CHECK(end > 0);
	for (int i = row_with(&drawn, 0, " calls   devices"); i <= end; i++)
		CHECK(screen_width(drawn.row[i]) <= 80);
	drawn = draw(&view, &data, 80, 24, true);
	CHECK(row_with(&drawn, 0, "In monitor mode") < 0);
	screen_press(&view, KEY_CODE_END);
	drawn = draw(&view, &data, 80, 24, true);
	CHECK(shows(&drawn, "In monitor mode"));
}

/* Every size, pane and character set: nothing is written outside (the sanitizer would tell), the
 * last row has the keys, and without UTF-8 all is ASCII. */
static void test_sizes(void)
{
	struct screen_data data = everything();
	unsigned wrong = 0;

	snprintf(calls[0].device, sizeof(calls[0].device), "Büro 漢\033[2J\xff");
	for (int rows = 1; rows < 45; rows++) {
		for (int columns = 1; columns < 200; columns += 3) {
			for (int kind = 0; kind < 2 * (PANE_COUNT + 1); kind++) {
				struct screen_view view = {.interval = 1};
				struct drawn drawn;

				view.help = kind / 2 == PANE_COUNT;
				view.pane = view.help ? PANE_CALLS : (enum screen_pane)(kind / 2);
				drawn = draw(&view, &data, columns, rows, kind % 2);
				if (rows >= 6 && columns >= 40)
					wrong += !strstr(drawn.row[rows - 1], "F1Help");
				for (int i = 0; i < rows; i++)
					for (char *c = drawn.row[i]; *c; c++)
						wrong += *c < ' ' && (kind % 2 == 0 || *c >= 0);
			}
		}
	}
	CHECK_EQ(wrong, 0);
	make_calls();
}

static void test_rates(void)
{
	struct rates line = {0};
	char text[3 * RATES_SECONDS + 1], rate[RATE_TEXT];

	CHECK_STR(rates_draw(&line, RATE_PASSED, 2 * MINUTE_NS, 4, true, text), "    ");
	for (uint64_t second = 91; second <= 120; second++)
		rates_add(&line, &(struct rate_sample){second * 1000000000,
						       1000000000,
						       {second > 105 ? 100 : 0, second == 120}});
	CHECK_STR(rates_draw(&line, RATE_PASSED, 2 * MINUTE_NS, 4, true, text), "  ▁█");
	CHECK_STR(rates_draw(&line, RATE_PASSED, 2 * MINUTE_NS, 4, false, text), "  _#");
	CHECK_STR(rates_draw(&line, RATE_DROPPED, 2 * MINUTE_NS, 6, false, text), "   __#");
	CHECK_EQ(rates_peak(&line, RATE_PASSED, 2 * MINUTE_NS), 100);
	CHECK_EQ(rates_peak(&line, RATE_PASSED, 4 * MINUTE_NS), 0);
	/* One reading of 30 s covers half of the line. */
	line = (struct rates){0};
	rates_add(&line, &(struct rate_sample){2 * MINUTE_NS, MINUTE_NS / 2, {5, 0}});
	CHECK_STR(rates_draw(&line, RATE_PASSED, 2 * MINUTE_NS, 8, false, text), "    ####");
	CHECK_STR(rate_format(0.04, rate), "0.0");
	CHECK_STR(rate_format(99.94, rate), "99.9");
	CHECK_STR(rate_format(99.96, rate), "100");
	CHECK_STR(rate_format(999.6, rate), "1.0k");
	CHECK_STR(rate_format(14881000, rate), "14.9M");
}

int main(void)
{
	drawn_begin();
	test_header();
	test_calls();
	test_cause();
	test_order();
	test_devices();
	test_drops();
	test_filter();
	test_keys();
	test_scrolling();
	test_trouble();
	test_help();
	test_sizes();
	test_rates();
	return check_done();
}
