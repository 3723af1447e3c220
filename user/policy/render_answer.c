/* SPDX-License-Identifier: GPL-2.0 */
/* Answers of `explain` as lines: fixed shapes, written by hand because they come by the million. */
#include <netinet/in.h>
#include <string.h>

#include "base/names.h"
#include "base/printable.h"
#include "policy/question.h"

/* A line that grows at `at`; what does not fit before `end` is left out. */
struct line {
	char *at, *end;
};

static void put(struct line *line, const char *text)
{
	size_t size = strlen(text);

	if (size >= (size_t)(line->end - line->at))
		size = (size_t)(line->end - line->at) - 1;
	line->at = mempcpy(line->at, text, size);
	*line->at = '\0';
}

static void put_number(struct line *line, unsigned long number)
{
	char digits[24], *at = &digits[sizeof(digits) - 1];

	*at = '\0';
	do {
		*--at = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	put(line, at);
}

/* A JSON string (RFC 8259, 7), fit for a terminal. A question quotes whatever was asked. */
static void put_string(struct line *line, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	char character[8] = "\\u00";
	unsigned control;

	put(line, "\"");
	while (*text) {
		size_t size = control_character(text, &control);

		if (size) {
			character[4] = hex[control >> 4];
			character[5] = hex[control & 15];
			put(line, character);
		} else if (*text == '"' || *text == '\\') {
			size = 1;
			put(line, (char[]){'\\', *text, '\0'});
		} else {
			char plain[5] = "";

			size = utf8_character(text);
			memcpy(plain, text, size);
			put(line, size ? plain : "\\ufffd");
			size += !size;
		}
		text += size;
	}
	put(line, "\"");
}

/* A key that is written as it stands, with its comma: ,"verdict": */
static void put_member(struct line *line, const char *key, const char *text)
{
	put(line, key);
	if (text)
		put_string(line, text);
	else
		put(line, "null");
}

static bool is_marked(const struct answer *answer)
{
	return answer->verdict == AGFEO_PASS && answer->dscp != AGFEO_KEEP;
}

/* ------------------------------------------------------------------ JSON */

static void put_judged(struct line *line, const struct judged *judged)
{
	put_member(line, "{\"device\":", judged->device->name);
	put_member(line, ",\"model\":", judged->device->model->id);
	put_member(line, ",\"service\":", judged->rule ? judged->rule->service : NULL);
	put_member(line, ",\"direction\":", direction_label(judged->direction));
	put_member(line, ",\"source\":", judged->rule ? judged->rule->source : NULL);
	put(line, "}");
}

static void put_assumed(struct line *line, const struct asked_question *asked)
{
	static const char *const ends[] = {"\"source_port\":", "\"destination_port\":"};
	const char *before = ",\"assumed\":{";

	for (int i = 0; i < 2; i++) {
		if (!asked->assumed[i])
			continue;
		put(line, before);
		put(line, ends[i]);
		put_number(line, ASSUMED_PORT);
		before = ",";
	}
	if (asked->assumed[0] || asked->assumed[1])
		put(line, "}");
}

size_t answer_to_json(const struct asked_question *asked, const struct answer *answer, char *text)
{
	struct line line = {text, text + ANSWER_TEXT};

	put_member(&line, "{\"verdict\":", verdict_label(answer->verdict));
	put_member(&line, ",\"reason\":", reason_label(answer->reason));
	put_member(&line, ",\"class\":", answer->has_class ? class_label(answer->class) : NULL);
	put(&line, ",\"dscp\":");
	if (is_marked(answer))
		put_number(&line, answer->dscp);
	else
		put(&line, "null");
	put(&line, ",\"judged\":[");
	for (size_t i = 0; i < answer->judged_count; i++) {
		put(&line, i ? "," : "");
		put_judged(&line, &answer->judged[i]);
	}
	put(&line, "]");
	if (answer->monitor)
		put(&line, ",\"monitor\":true");
	put_assumed(&line, asked);
	put(&line, "}");
	return (size_t)(line.at - text);
}

size_t question_error_to_json(unsigned long number, const char *error, char *text)
{
	struct line line = {text, text + ANSWER_TEXT};

	put(&line, "{\"line\":");
	put_number(&line, number);
	put_member(&line, ",\"error\":", error);
	put(&line, "}");
	return (size_t)(line.at - text);
}

/* ------------------------------------------------------------------ text */

static void put_end(struct line *line, const struct asked_question *asked, int which)
{
	const struct question *question = &asked->question;
	const struct address *address = which ? &question->destination : &question->source;
	uint16_t port = which ? question->destination_port : question->source_port;
	char text[ENDPOINT_TEXT];

	if (asked->host[which])
		put(line, asked->host[which]);
	if (question->protocol != IPPROTO_UDP && question->protocol != IPPROTO_TCP) {
		put(line, asked->host[which] ? "" : address_format(address, text));
		return;
	}
	if (asked->host[which]) {
		put(line, ":");
		put_number(line, port);
	} else {
		put(line, endpoint_format(address, port, text));
	}
	put(line, asked->assumed[which] ? " (port assumed)" : "");
}

static void put_protocol(struct line *line, uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_UDP:
		put(line, "udp");
		return;
	case IPPROTO_TCP:
		put(line, "tcp");
		return;
	case IPPROTO_ICMP:
		put(line, "icmp");
		return;
	case IPPROTO_ICMPV6:
		put(line, "icmpv6");
		return;
	default: /* not an enum of ours */
		put(line, "protocol ");
		put_number(line, protocol);
	}
}

/* Who judged, and by which service; that none lists the ports is said where that was the reason. */
static void put_judge(struct line *line, const struct judged *judged, enum agfeo_reason reason)
{
	bool ours = judged->rule && !strcmp(judged->rule->source, "configuration");

	put(line, "; ");
	put(line, judged->device->name);
	put(line, " (");
	put(line, judged->device->model->id);
	put(line, judged->direction == AGFEO_IN ? ", in)" : ", out)");
	if (judged->rule) {
		put(line, ": ");
		put(line, judged->rule->service);
		put(line, ours ? ", " : ", section ");
		put(line, judged->rule->source);
	} else if (reason == AGFEO_REASON_NOT_LISTED) {
		put(line, ": no service");
	}
}

size_t answer_to_text(const struct asked_question *asked, const struct answer *answer, char *text)
{
	struct line line = {text, text + ANSWER_TEXT};
	char dscp[8];

	put(&line, verdict_label(answer->verdict));
	put(&line, answer->monitor ? " (monitor: not enforced) " : " ");
	put_protocol(&line, asked->question.protocol);
	put(&line, " ");
	put_end(&line, asked, 0);
	put(&line, " -> ");
	put_end(&line, asked, 1);
	put(&line, ": ");
	put(&line, reason_label(answer->reason));
	put(&line, ": ");
	put(&line, reason_text(answer->reason));
	for (size_t i = 0; i < answer->judged_count; i++)
		put_judge(&line, &answer->judged[i], answer->reason);
	if (answer->has_class) {
		put(&line, "; ");
		put(&line, class_label(answer->class));
	}
	if (is_marked(answer)) {
		put(&line, ", marked ");
		put(&line, dscp_format(answer->dscp, dscp));
	}
	return (size_t)(line.at - text);
}
