/* SPDX-License-Identifier: GPL-2.0 */
/* The configuration into the kernel; see reload.h. */
#include "kernel/reload.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "config/config.h"
#include "kernel/change.h"
#include "kernel/confirm.h"
#include "kernel/loader.h"
#include "kernel/lock.h"
#include "kernel/run_files.h"

static int apply(const struct change_request *request, const char *run)
{
	_cleanup_(change_freep) struct change *change = NULL;
	_cleanup_(closep) int lock = -1;
	struct pending pending;
	int err = lock_take(run, "reload", &lock);

	if (err)
		return err;
	err = confirm_pending(run, &pending);
	if (!err) {
		fail(0,
		     "generation %u waits for 'agfeoctl confirm' for another %u s: confirm it, or "
		     "wait until it is taken back, then reload again",
		     pending.generation, pending.seconds_left);
		return -EBUSY;
	}
	if (err != -ENOENT)
		return err;
	err = change_apply(request, &change);
	if (!err)
		run_config_write(run, request->policy->site->text);
	return err;
}

int reload(const char *pin, const char *run, const char *config)
{
	_cleanup_(site_freep) struct site *site = NULL;
	_cleanup_(policy_freep) struct policy *policy = NULL;
	int err = config_read_trusted(config, stderr, &site);

	if (!err)
		err = policy_compile(site, config, loader_tick_ns(false), stderr, &policy);
	if (err)
		return err;
	return apply(&(struct change_request){pin, config, policy}, run);
}
