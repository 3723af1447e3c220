/* SPDX-License-Identifier: GPL-2.0 */
/* Each feature tried with the least that uses it; see requirement.h. */
#include "kernel/requirement.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"

#define LEAST_LINUX "5.10"

/* EINVAL is how the kernel says that it does not know something; all else tells nothing of that. */
static int answer(int result)
{
	return result >= 0 ? 1 : result == -EINVAL ? 0 : result;
}

static int try_map(enum bpf_map_type type, unsigned size, unsigned entries, unsigned flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = flags);
	_cleanup_(closep) int map = bpf_map_create(type, NULL, size, size, entries, &options);

	return map < 0 ? map : 0;
}

/* libbpf's own probes take a missing right for a missing feature. */
static int try_program(enum bpf_prog_type type, struct bpf_insn first)
{
	const struct bpf_insn instructions[] = {
		first,
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	_cleanup_(closep) int program = bpf_prog_load(type, "agfeo_probe", "GPL", instructions,
						      ARRAY_SIZE(instructions), NULL);

	return program < 0 ? program : 0;
}

static const struct bpf_insn nothing = {
	.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0};

static int probe_call(void)
{
	return try_map(BPF_MAP_TYPE_ARRAY, 4, 1, 0) != -ENOSYS;
}

static int probe_tc(void)
{
	return answer(try_program(BPF_PROG_TYPE_SCHED_CLS, nothing));
}

static int probe_xdp(void)
{
	return answer(try_program(BPF_PROG_TYPE_XDP, nothing));
}

static int probe_mapped(void)
{
	return answer(try_map(BPF_MAP_TYPE_ARRAY, 4, 1, BPF_F_MMAPABLE));
}

static int probe_jiffies(void)
{
	const struct bpf_insn call = {.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_jiffies64};

	return answer(try_program(BPF_PROG_TYPE_XDP, call));
}

static int probe_ring(void)
{
	return answer(try_map(BPF_MAP_TYPE_RINGBUF, 0, (unsigned)sysconf(_SC_PAGESIZE), 0));
}

static int new_hash(unsigned entries)
{
	return bpf_map_create(BPF_MAP_TYPE_HASH, NULL, 4, 4, entries, NULL);
}

/* An inner map of another size than the one that the outer map was made with. */
static int probe_inner(void)
{
	_cleanup_(closep) int model = new_hash(1);
	_cleanup_(closep) int inner = new_hash(2);
	LIBBPF_OPTS(bpf_map_create_opts, options, .inner_map_fd = (__u32)model);
	_cleanup_(closep) int outer =
		model < 0 ? model
			  : bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, NULL, 4, 4, 1, &options);
	__u32 zero = 0;

	if (outer < 0 || inner < 0)
		return outer < 0 ? answer(outer) : inner;
	return answer(bpf_map_update_elem(outer, &zero, &inner, BPF_ANY));
}

/* From old to new: of an old kernel what it lacks first is said. */
static const struct requirement requirements[] = {
	{"BPF, the system call", "4.4, built with CONFIG_BPF_SYSCALL", probe_call},
	{"BPF programs for tc", "4.1, built with CONFIG_NET", probe_tc},
	{"XDP", "4.8, built with CONFIG_NET", probe_xdp},
	{"memory-mapped BPF arrays", "5.5", probe_mapped},
	{"the coarse clock for BPF programs", "5.6", probe_jiffies},
	{"BPF ring buffers", "5.8", probe_ring},
	{"BPF maps of maps of different sizes", "5.10", probe_inner},
};

int requirements_check_list(const struct requirement *list, size_t count)
{
	struct utsname system = {};

	for (size_t i = 0; i < count; i++) {
		if (list[i].probe())
			continue;
		uname(&system);
		fail(0,
		     "this kernel (%s) lacks %s, which Linux has since %s: agfeoctl needs "
		     "Linux " LEAST_LINUX " or newer, as distributions build it",
		     system.release, list[i].feature, list[i].since);
		return -EOPNOTSUPP;
	}
	return 0;
}

int requirements_check(void)
{
	return requirements_check_list(requirements, ARRAY_SIZE(requirements));
}
