/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the verifier does for each program, against a budget: a change that makes it look at much
 * more than before is noticed here, and not by the box with an old kernel whose limit of a million
 * instructions it meets. tests/kernels runs this on every kernel and makes its table of the lines.
 */
#include <agfeo/abi.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "agfeo.skel.h"
#include "base/cleanup.h"
#include "check.h"
#include "kernel/probe.h"

#define XDP_HAS_FRAGS (1u << 5)
#define LOG_STATS     4 /* BPF_LOG_STATS: the verifier's sum, no instruction by name */
#define LOG_SIZE      65536
#define LOG_SHOWN     2000
#define MOST_PROGRAMS 32

/* Instructions verified at most: what was measured, and a fifth more. Who needs more says why in
 * the commit, and looks at `make test-kernels`. */
static const struct budget {
	const char *program;
	unsigned older; /* Linux 5.10 to 6.5: the verifier recognises fewer states */
	unsigned since_6_6;
} budgets[] = {
	{"clock", 50, 50},
	{"tc_learn", 2000, 2000},
	{"xdp_ingress", 565000, 715000},
	{"xdp_uplink", 380000, 410000},
	{"xdp_ingress_l3", 168000, 166000},
	{"xdp_uplink_l3", 168000, 166000},
	{"tc_egress", 445000, 603000},
	{"tc_egress_l3", 186000, 166000},
};

struct measured {
	struct bpf_program *program;
	char *log;
};

static unsigned budget_of(const char *program)
{
	struct utsname system;
	unsigned major, minor;

	if (uname(&system) || sscanf(system.release, "%u.%u", &major, &minor) != 2)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(budgets); i++)
		if (!strcmp(budgets[i].program, program))
			return major * 1000 + minor < 6006 ? budgets[i].older
							   : budgets[i].since_6_6;
	return 0;
}

/*
 * What the loader tells them. What is not told is not looked at, and costs no stack: all programs of a
 * box must load with whatever it can be told.
 */
static const struct variant {
	const char *name;
	bool fast, replay, dns;
} variants[] = {
	{"live", .dns = true},
	{"fast", .fast = true, .dns = true},
	{"replay", .replay = true},
};

static void tell(struct agfeo *skeleton, const struct variant *variant)
{
	struct agfeo_program_config *config = &skeleton->rodata->agfeo_config;
	struct bpf_program *program;
	bool frags = probe_frags();

	config->have_frags = frags;
	config->events = config->cache = 1;
	config->fast = variant->fast;
	config->replay = variant->replay;
	config->dns = variant->dns;
	bpf_object__for_each_program(program, skeleton->obj)
	{
		if (frags && bpf_program__type(program) == BPF_PROG_TYPE_XDP)
			bpf_program__set_flags(program,
					       bpf_program__flags(program) | XDP_HAS_FRAGS);
	}
}

/* By the log: the kernel tells it with the program only since 5.16. */
static unsigned verified(const struct measured *measured)
{
	const char *said = strstr(measured->log, "processed ");
	unsigned count = 0;

	if (!said || sscanf(said, "processed %u insns", &count) != 1)
		return 0;
	return count;
}

static void check_program(const struct measured *measured, const struct variant *variant)
{
	const char *name = bpf_program__name(measured->program);
	unsigned budget = budget_of(name), count = verified(measured);
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	CHECK_ROW(name);
	CHECK(budget > 0); /* a new program needs one */
	CHECK(count > 0);
	CHECK_EQ(bpf_obj_get_info_by_fd(bpf_program__fd(measured->program), &info, &length), 0);
	CHECK(info.jited_prog_len > 0);
	printf("%s: %s: %u instructions verified, budget %u, %u bytes jited\n",
	       variant == variants ? "cost" : variant->name, name, count, budget,
	       info.jited_prog_len);
	CHECK(count <= budget);
	CHECK_ROW(NULL);
}

/* The end of what the verifier said of a program that it refused. */
static void say_why(const struct measured *measured)
{
	size_t length = strlen(measured->log);

	if (length)
		printf("cost: %s: %s\n", bpf_program__name(measured->program),
		       measured->log + (length > LOG_SHOWN ? length - LOG_SHOWN : 0));
}

static void measure(struct agfeo *skeleton, const struct variant *variant)
{
	struct measured measured[MOST_PROGRAMS];
	struct bpf_program *program;
	size_t count = 0;

	bpf_object__for_each_program(program, skeleton->obj)
	{
		struct measured *one = &measured[count];

		if (!CHECK(count < MOST_PROGRAMS))
			break;
		*one = (struct measured){program, calloc(1, LOG_SIZE)};
		if (!CHECK(one->log != NULL))
			break;
		count++;
		bpf_program__set_log_level(program, LOG_STATS);
		bpf_program__set_log_buf(program, one->log, LOG_SIZE);
	}
	if (CHECK_EQ(agfeo__load(skeleton), 0))
		for (size_t i = 0; i < count; i++)
			check_program(&measured[i], variant);
	else
		for (size_t i = 0; i < count; i++)
			say_why(&measured[i]);
	for (size_t i = 0; i < count; i++)
		free(measured[i].log);
}

int main(void)
{
	if (geteuid()) {
		CHECK_SKIP("needs root");
		return check_done();
	}
	for (size_t i = 0; i < ARRAY_SIZE(variants); i++) {
		struct agfeo *skeleton;

		if (variants[i].fast && libbpf_probe_bpf_helper(BPF_PROG_TYPE_SCHED_CLS,
								BPF_FUNC_check_mtu, NULL) != 1) {
			CHECK_SKIP("forward = fast: wants Linux 5.12 (bpf_check_mtu)");
			continue;
		}
		skeleton = agfeo__open();
		if (!CHECK(skeleton != NULL))
			break;
		tell(skeleton, &variants[i]);
		measure(skeleton, &variants[i]);
		agfeo__destroy(skeleton);
	}
	return check_done();
}
