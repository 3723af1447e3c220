/* SPDX-License-Identifier: GPL-2.0 */
/* Capabilities; see privilege.h. By the system calls themselves: libcap would be for these two. */
#include "kernel/privilege.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"

#define MASK(capability) (1ull << (capability))

static const struct {
	unsigned capability;
	const char *name;
	uint64_t enough; /* any of these */
} needs[] = {
	{CAP_BPF, "CAP_BPF", MASK(CAP_BPF) | MASK(CAP_SYS_ADMIN)},
	{CAP_NET_ADMIN, "CAP_NET_ADMIN", MASK(CAP_NET_ADMIN)},
	{CAP_PERFMON, "CAP_PERFMON", MASK(CAP_PERFMON) | MASK(CAP_SYS_ADMIN)},
};

struct capabilities {
	uint64_t effective, permitted, inheritable;
};

static int get(struct capabilities *ret_capabilities)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &header, data))
		return -errno;
	*ret_capabilities = (struct capabilities){
		.effective = data[0].effective | (uint64_t)data[1].effective << 32,
		.permitted = data[0].permitted | (uint64_t)data[1].permitted << 32,
		.inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32,
	};
	return 0;
}

static int set(const struct capabilities *capabilities)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	for (int half = 0; half < 2; half++)
		data[half] = (struct __user_cap_data_struct){
			.effective = (uint32_t)(capabilities->effective >> (32 * half)),
			.permitted = (uint32_t)(capabilities->permitted >> (32 * half)),
			.inheritable = (uint32_t)(capabilities->inheritable >> (32 * half)),
		};
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

const char *privilege_missing(char text[PRIVILEGE_TEXT])
{
	struct capabilities have = {};
	size_t at = 0;

	text[0] = '\0';
	if (get(&have))
		return text;
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		if (!(have.effective & needs[i].enough))
			at += snprintf(text + at, PRIVILEGE_TEXT - at, "%s%s", at ? ", " : "",
				       needs[i].name);
	}
	return text;
}

static uint64_t kept(void)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < ARRAY_SIZE(needs); i++)
		mask |= MASK(needs[i].capability);
	return mask;
}

/* What no program that is executed may get either. Without CAP_SETPCAP somebody else saw to it. */
static void shrink_bounds(uint64_t keep)
{
	for (unsigned long capability = 0; capability < 64; capability++) {
		if (!(keep & MASK(capability)) && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0))
			return; /* EINVAL: that was the kernel's last; EPERM */
	}
}

int privilege_drop(void)
{
	struct capabilities now = {};
	uint64_t keep = kept();
	int err = get(&now);

	if (err)
		return fail(err, "capabilities");
	shrink_bounds(keep);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	now.effective &= keep;
	now.permitted &= keep;
	now.inheritable = 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return fail(errno, "no_new_privs");
	err = set(&now);
	return err ? fail(err, "capabilities") : 0;
}
