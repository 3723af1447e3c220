/* SPDX-License-Identifier: GPL-2.0 */
/* Packets of a replay as text and JSON; see render_replay.h. */
#include "report/render_replay.h"

#include <string.h>
#include <time.h>

#include "base/names.h"
#include "report/json.h"
#include "report/snapshot.h"
#include "report/table.h"

#define NS_PER_SECOND 1000000000ull
#define CLOCK_TEXT    32
#define REASON_WIDTH  12 /* "unknown-host" */

void replay_sum_add(struct replay_sum *sum, const struct replay_line *line)
{
	const struct agfeo_replay_result *result = line->result;

	sum->reasons[result->reason]++;
	sum->remarked += result->dscp_in != result->dscp_out;
	sum->watched += result->verdict == AGFEO_DROP && result->monitor;
}

/* Whose account a packet is on: the sender's, else the receiver's. */
struct account {
	const char *device;  /* NULL: nobody's */
	const char *service; /* NULL: none */
};

/* "none" is the account of packets that no service of the device lists. */
static const char *or_null(const char *text)
{
	return *text && strcmp(text, "none") ? text : NULL;
}

static struct account account_of(const struct agfeo_replay_result *result,
				 const struct identities *identities)
{
	int own = result->device[0] ? 0 : 1;

	return (struct account){
		.device = result->device[own] ? identity_device(identities, result->device[own])
					      : NULL,
		.service = or_null(identity_service(identities, result->counter[own])),
	};
}

static const char *endpoint(const struct dissected *d, bool source, char *text)
{
	const struct address *address = source ? &d->source : &d->destination;

	if (!d->has_ports)
		return address_format(address, text);
	return endpoint_format(address, source ? d->source_port : d->destination_port, text);
}

static const char *class_of(const struct agfeo_replay_result *result)
{
	return result->class < AGFEO_CLASS_COUNT ? class_label(result->class) : NULL;
}

/* ------------------------------------------------------------------ a packet */

/* "14:05:09.123456", local time, as analysers show it. */
static const char *clock_format(uint64_t time_ns, char *text)
{
	time_t seconds = (time_t)(time_ns / NS_PER_SECOND);
	struct tm parts;

	if (!localtime_r(&seconds, &parts))
		return strcpy(text, "?");
	snprintf(text, CLOCK_TEXT, "%02u:%02u:%02u.%06u", (unsigned)parts.tm_hour % 100,
		 (unsigned)parts.tm_min % 100, (unsigned)parts.tm_sec % 100,
		 (unsigned)(time_ns / 1000 % 1000000));
	return text;
}

static void put_ends(FILE *out, const struct dissected *d)
{
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT], protocol[8];

	if (!d->has_addresses)
		return;
	fprintf(out, "  %s %s -> %s%s", ip_protocol_format(d->protocol, protocol),
		endpoint(d, true, from), endpoint(d, false, to),
		d->later_fragment ? " (fragment)" : "");
}

void render_replay_text(FILE *out, const struct replay_line *line,
			const struct identities *identities)
{
	const struct agfeo_replay_result *result = line->result;
	struct account account = account_of(result, identities);
	char clock[CLOCK_TEXT];

	fprintf(out, "%6llu  %s  %-3s  %s  %-*s", (unsigned long long)line->number,
		clock_format(line->time_ns, clock), line->tc ? "tc" : "xdp",
		verdict_label(result->verdict), line->dissected->has_addresses ? REASON_WIDTH : 0,
		reason_label(result->reason));
	put_ends(out, line->dissected);
	if (account.device)
		fprintf(out, "  %s", account.device);
	if (account.service)
		fprintf(out, " %s", account.service);
	if (result->dscp_in != result->dscp_out)
		fprintf(out, "  %s>%s", dscp_label(result->dscp_in & 0x3f),
			dscp_label(result->dscp_out & 0x3f));
	if (result->monitor && result->verdict == AGFEO_DROP)
		fputs("  (monitor: passes)", out);
	if (line->truncated)
		fputs("  (truncated)", out);
	fputc('\n', out);
}

static void put_time(FILE *out, uint64_t time_ns)
{
	fprintf(out, ",\"time\":%llu.%09llu", (unsigned long long)(time_ns / NS_PER_SECOND),
		(unsigned long long)(time_ns % NS_PER_SECOND));
}

void render_replay_json(FILE *out, const struct replay_line *line,
			const struct identities *identities)
{
	const struct agfeo_replay_result *result = line->result;
	const struct dissected *d = line->dissected;
	struct account account = account_of(result, identities);
	char text[ENDPOINT_TEXT], protocol[8];
	struct json json = {.out = out};

	json_open(&json, NULL);
	json_number(&json, "packet", line->number);
	json_string(&json, "hook", line->tc ? "tc" : "xdp");
	json_string(&json, "verdict", verdict_label(result->verdict));
	json_string(&json, "reason", reason_label(result->reason));
	json_string(&json, "device", account.device);
	json_string(&json, "service", account.service);
	json_number(&json, "dscp_in", result->dscp_in);
	json_number(&json, "dscp_out", result->dscp_out);
	json_string(&json, "class", class_of(result));
	json_boolean(&json, "monitor", result->monitor);
	put_time(out, line->time_ns);
	json_string(&json, "protocol",
		    d->has_addresses ? ip_protocol_format(d->protocol, protocol) : NULL);
	json_string(&json, "source", d->has_addresses ? endpoint(d, true, text) : NULL);
	json_string(&json, "destination", d->has_addresses ? endpoint(d, false, text) : NULL);
	json_number(&json, "length", line->length);
	json_boolean(&json, "truncated", line->truncated);
	json_close(&json);
	json_end(&json);
}

/* ------------------------------------------------------------------ the sum */

static uint64_t sum_of(const struct replay_sum *sum, enum agfeo_verdict verdict)
{
	uint64_t packets = 0;

	for (int reason = 0; reason < AGFEO_REASON_COUNT; reason++)
		if (agfeo_reason_verdict(reason) == verdict)
			packets += sum->reasons[reason];
	return packets;
}

static void put_verdict(FILE *out, const struct replay_sum *sum, enum agfeo_verdict verdict,
			const char *word)
{
	const char *comma = "  (";

	fprintf(out, "%10llu %s", (unsigned long long)sum_of(sum, verdict), word);
	for (int reason = 0; reason < AGFEO_REASON_COUNT; reason++) {
		if (agfeo_reason_verdict(reason) != verdict || !sum->reasons[reason])
			continue;
		fprintf(out, "%s%s %llu", comma, reason_label(reason),
			(unsigned long long)sum->reasons[reason]);
		comma = ", ";
	}
	fputs(*comma == ',' ? ")\n" : "\n", out);
}

/* Lines that most captures do not need. */
static void put_if_any(FILE *out, uint64_t packets, const char *what)
{
	if (packets)
		fprintf(out, "%10llu %s\n", (unsigned long long)packets, what);
}

void render_replay_sum_text(FILE *out, const struct replay_sum *sum)
{
	double seconds = (double)(sum->last_ns - sum->first_ns) / NS_PER_SECOND;
	double elapsed = (double)sum->elapsed_ns / NS_PER_SECOND;
	char bytes[AMOUNT_TEXT], time[TIME_TEXT];

	if (!sum->packets) {
		fputs("the capture is empty\n", out);
		return;
	}
	fprintf(out, "%10llu packets, %s, %.3f s from %s on\n", (unsigned long long)sum->packets,
		bytes_format(sum->bytes, bytes), seconds, time_format(sum->first_ns, time));
	put_verdict(out, sum, AGFEO_PASS, "pass");
	put_verdict(out, sum, AGFEO_DROP, "drop");
	put_if_any(out, sum->watched, "of the dropped pass all the same: mode = monitor");
	fprintf(out, "%10llu re-marked\n", (unsigned long long)sum->remarked);
	put_if_any(out, sum->truncated, "captured shorter than they were: run with zeros behind");
	put_if_any(out, sum->backwards, "older than the packet before: the clock stood still");
	put_if_any(out, sum->not_run, "not run, see the errors");
	if (elapsed > 0)
		fprintf(out, "%10.0f packets a second in %.3f s\n", (double)sum->packets / elapsed,
			elapsed);
}

void render_replay_sum_json(FILE *out, const struct replay_sum *sum)
{
	struct json json = {.out = out};

	json_open(&json, NULL);
	json_number(&json, "packets", sum->packets);
	json_number(&json, "bytes", sum->bytes);
	json_number(&json, "passed", sum_of(sum, AGFEO_PASS));
	json_number(&json, "dropped", sum_of(sum, AGFEO_DROP));
	json_open(&json, "reasons");
	for (int reason = 0; reason < AGFEO_REASON_COUNT; reason++)
		if (sum->reasons[reason])
			json_number(&json, reason_label(reason), sum->reasons[reason]);
	json_close(&json);
	json_number(&json, "remarked", sum->remarked);
	json_number(&json, "monitored", sum->watched);
	json_number(&json, "truncated", sum->truncated);
	json_number(&json, "backwards", sum->backwards);
	json_number(&json, "not_run", sum->not_run);
	json_time(&json, "start", sum->first_ns);
	json_real(&json, "duration_s", (double)(sum->last_ns - sum->first_ns) / NS_PER_SECOND, 6);
	json_real(&json, "replay_s", (double)sum->elapsed_ns / NS_PER_SECOND, 6);
	json_close(&json);
	json_end(&json);
}
