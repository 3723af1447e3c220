/* SPDX-License-Identifier: GPL-2.0 */
/* What the running kernel can do, found by trying; see probe.h. */
#include "kernel/probe.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"

#define XDP_HAS_FRAGS                                                                              \
	(1u << 5) /* BPF_F_XDP_HAS_FRAGS: Debian 12's headers have it, older lack it */
#define MAX_MAPS      64
#define MAX_CONSTANTS 4096

static int load_pass(enum bpf_prog_type type, unsigned flags)
{
	/* XDP_PASS ends the judgement; -1 (TC_ACT_UNSPEC) hands on to who comes after. */
	__s32 verdict = type == BPF_PROG_TYPE_XDP ? XDP_PASS : -1;
	const struct bpf_insn instructions[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = verdict},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .prog_flags = flags);

	/* An XDP link takes another program only of the same attach type. */
	if (type == BPF_PROG_TYPE_XDP)
		options.expected_attach_type = BPF_XDP;
	return bpf_prog_load(type, "agfeo_pass", "GPL", instructions, ARRAY_SIZE(instructions),
			     &options);
}

/* AGFEO_NO_FRAGS in the environment: as on a kernel without them, so that tests see both ways. */
bool probe_frags(void)
{
	if (getenv("AGFEO_NO_FRAGS"))
		return false;

	_cleanup_(closep) int program = load_pass(BPF_PROG_TYPE_XDP, XDP_HAS_FRAGS);
	return program >= 0;
}

int probe_pass_program(enum bpf_prog_type type, int *ret_program)
{
	bool frags = type == BPF_PROG_TYPE_XDP && probe_frags();
	int program = load_pass(type, frags ? XDP_HAS_FRAGS : 0);

	if (program < 0)
		return fail(program, "the kernel takes no BPF program");
	*ret_program = program;
	return 0;
}

/* ------------------------------------------------------------------ comparing programs */

struct program_facts {
	__u32 id;
	__u8 tag[BPF_TAG_SIZE];
	__u32 maps[MAX_MAPS]; /* ids, constants left out */
	size_t map_count;
	__u8 constants[MAX_CONSTANTS];
	size_t constant_size;
};

static bool is_constants(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && !strncmp(dot, ".rodata", strlen(dot));
}

static int read_map(__u32 id, struct program_facts *facts)
{
	_cleanup_(closep) int map = bpf_map_get_fd_by_id(id);
	struct bpf_map_info info = {};
	__u32 length = sizeof(info), zero = 0;

	if (map < 0 || bpf_obj_get_info_by_fd(map, &info, &length))
		return -errno;
	if (!is_constants(info.name)) {
		facts->maps[facts->map_count++] = id;
		return 0;
	}
	if (facts->constant_size + info.value_size > MAX_CONSTANTS)
		return -E2BIG;
	if (bpf_map_lookup_elem(map, &zero, facts->constants + facts->constant_size))
		return -errno;
	facts->constant_size += info.value_size;
	return 0;
}

static int read_facts(int program, struct program_facts *facts)
{
	__u32 ids[MAX_MAPS] = {};
	struct bpf_prog_info info = {.nr_map_ids = MAX_MAPS, .map_ids = (uintptr_t)ids};
	__u32 length = sizeof(info);
	int err = 0;

	if (bpf_obj_get_info_by_fd(program, &info, &length))
		return -errno;
	if (info.nr_map_ids > MAX_MAPS)
		return -E2BIG;
	memcpy(facts->tag, info.tag, sizeof(facts->tag));
	facts->id = info.id;
	for (__u32 i = 0; !err && i < info.nr_map_ids; i++)
		err = read_map(ids[i], facts);
	return err;
}

static bool same_maps(const struct program_facts *a, const struct program_facts *b)
{
	if (a->map_count != b->map_count)
		return false;
	for (size_t i = 0; i < a->map_count; i++) {
		size_t at = 0;

		while (at < b->map_count && b->maps[at] != a->maps[i])
			at++;
		if (at == b->map_count)
			return false;
	}
	return true;
}

bool probe_same_program(int a, int b)
{
	struct program_facts first = {}, second = {};

	bool readable = !read_facts(a, &first) && !read_facts(b, &second);

	if (first.id && first.id == second.id)
		return true; /* also where maps may not be asked for by id, without CAP_SYS_ADMIN */
	return readable && !memcmp(first.tag, second.tag, sizeof(first.tag)) &&
	       same_maps(&first, &second) && first.constant_size == second.constant_size &&
	       !memcmp(first.constants, second.constants, first.constant_size);
}
