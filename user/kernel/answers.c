/* SPDX-License-Identifier: GPL-2.0 */
/* The ring buffer dns_answers; see answers.h. */
#include "kernel/answers.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/pins.h"

struct answers {
	const struct answers_calls *calls;
	void *context;
	struct ring_buffer *ring;
	struct event *event;
};

static int on_record(void *context, void *record, size_t size)
{
	const struct answers *answers = context;
	struct agfeo_dns_answer answer;

	if (size < sizeof(answer))
		return 0;
	memcpy(&answer, record, sizeof(answer));
	if (answer.length <= sizeof(answer.bytes) && answer.host < AGFEO_HOST_COUNT)
		answers->calls->each(&answer, answers->context);
	return 0;
}

static void on_readable(evutil_socket_t socket, short what, void *context)
{
	const struct answers *answers = context;

	(void)socket;
	(void)what;
	if (ring_buffer__consume(answers->ring) > 0)
		answers->calls->all_read(answers->context);
}

void answers_free(struct answers *answers)
{
	if (!answers)
		return;
	if (answers->event)
		event_free(answers->event);
	ring_buffer__free(answers->ring);
	free(answers);
}

static void answers_freep(struct answers **answers)
{
	answers_free(*answers);
}

int answers_open(const char *pin, struct event_base *base, const struct answers_calls *calls,
		 void *context, struct answers **ret_answers)
{
	_cleanup_(answers_freep) struct answers *answers = NULL;
	_cleanup_(closep) int map = -1;
	char path[PATH_MAX];
	int err = pins_path(path, pin, "map", "dns_answers");

	if (err)
		return err;
	map = bpf_obj_get(path);
	if (map < 0)
		return errno == ENOENT ? -ENOENT : fail(errno, "%s", path);
	answers = calloc(1, sizeof(*answers));
	if (!answers)
		return fail(-ENOMEM, "answers");
	answers->calls = calls;
	answers->context = context;
	answers->ring = ring_buffer__new(map, on_record, answers, NULL);
	if (!answers->ring)
		return fail(errno, "map 'dns_answers'");
	answers->event = event_new(base, ring_buffer__epoll_fd(answers->ring), EV_READ | EV_PERSIST,
				   on_readable, answers);
	if (!answers->event || event_add(answers->event, NULL))
		return fail(-ENOMEM, "answers");
	event_active(answers->event, EV_READ, 0);
	*ret_answers = take_ptr(answers);
	return 0;
}
