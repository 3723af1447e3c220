/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Floods an interface of this namespace, which must be one end of a veth, with frames whose sources
 * are spoofed: at whatever speed one CPU makes them and, on the other side, takes them.
 *
 *	flood INTERFACE TO-MAC TARGET SOURCES PORTS SECONDS [udp|tcp] [FRAMES-A-SECOND]
 *
 * SOURCES is a prefix ("45.0.0.0/12": a million), PORTS a list ("5060,5204-5263"). Prints a line of
 * JSON. On SIGTERM it ends early.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/* In this order: the skeleton speaks of the plan. */
#include "flood.h"

#include "flood.skel.h"

#define FRAME_BYTES 110 /* room for the longest: Ethernet, IPv6, UDP */
#define FRAMES_A_RUN                                                                               \
	1000000		 /* a run begins and ends with some 20 ms of waiting inside the kernel */
#define RUNS_A_SECOND 10 /* where the speed is bounded */
#define SECONDS_MOST  120

static volatile sig_atomic_t ended;

static void on_signal(int number)
{
	(void)number;
	ended = 1;
}

static double now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool read_mac(const char *text, unsigned char *ret_mac)
{
	return sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &ret_mac[0], &ret_mac[1], &ret_mac[2],
		      &ret_mac[3], &ret_mac[4], &ret_mac[5]) == 6;
}

static bool read_target(const char *text, struct flood_plan *plan)
{
	plan->family = strchr(text, ':') ? 6 : 4;
	return inet_pton(plan->family == 6 ? AF_INET6 : AF_INET, text, plan->to) == 1;
}

/* Only the last 32 bits vary. */
static bool read_sources(const char *text, struct flood_plan *plan)
{
	unsigned bits = plan->family == 6 ? 128 : 32, length;
	const char *slash = strchr(text, '/');
	char address[INET6_ADDRSTRLEN] = "";

	if (!slash || slash - text >= (long)sizeof(address))
		return false;
	memcpy(address, text, (size_t)(slash - text));
	length = (unsigned)atoi(slash + 1);
	if (length > bits || bits - length > 31)
		return false;
	plan->from_mask = (1u << (bits - length)) - 1;
	return inet_pton(plan->family == 6 ? AF_INET6 : AF_INET, address, plan->from) == 1;
}

static bool read_ports(const char *text, struct flood_plan *plan)
{
	while (*text) {
		struct flood_ports *ports = &plan->ports[plan->port_count];
		int used = 0;

		if (plan->port_count == FLOOD_PORTS ||
		    sscanf(text, "%hu%n", &ports->first, &used) != 1)
			return false;
		ports->last = ports->first;
		text += used;
		if (*text == '-' && sscanf(text, "-%hu%n", &ports->last, &used) == 1)
			text += used;
		if (ports->last < ports->first || (*text && *text != ','))
			return false;
		plan->port_count++;
		text += *text == ',';
	}
	return plan->port_count;
}

static bool read_plan(char **words, struct flood_plan *plan)
{
	plan->interface = if_nametoindex(words[0]);
	return plan->interface && read_mac(words[1], plan->mac_to) && read_target(words[2], plan) &&
	       read_sources(words[3], plan) && read_ports(words[4], plan);
}

/* One run of so many frames. Returns false, having said why, when the kernel refuses. */
static bool run(int program, uint32_t frames)
{
	unsigned char frame[FRAME_BYTES] = {0};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = sizeof(frame),
		    .repeat = (int)frames, .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = 64);
	int err = bpf_prog_test_run_opts(program, &opts);

	if (err && !ended) /* -EINTR: the signal that ends us */
		fprintf(stderr, "flood: %s\n", strerror(-err));
	return !err;
}

static void flood_for(struct flood *skeleton, double seconds, uint32_t pace)
{
	int program = bpf_program__fd(skeleton->progs.flood);
	uint32_t frames = pace ? pace / RUNS_A_SECOND : FRAMES_A_RUN;
	double begin = now(), took;

	for (unsigned runs = 1; !ended && now() - begin < seconds && run(program, frames); runs++) {
		double ahead = (double)runs / RUNS_A_SECOND - (now() - begin);
		struct timespec wait = {.tv_nsec = (long)(ahead * 1e9)};

		if (pace && ahead > 0)
			nanosleep(&wait, NULL);
	}
	took = now() - begin;
	printf("{\"frames\":%llu,\"seconds\":%.1f,\"frames_a_second\":%.0f,\"sources\":%llu}\n",
	       (unsigned long long)skeleton->bss->frames, took,
	       (double)skeleton->bss->frames / took,
	       skeleton->bss->frames > skeleton->rodata->plan.from_mask
		       ? skeleton->rodata->plan.from_mask + 1ULL
		       : (unsigned long long)skeleton->bss->frames);
}

int main(int argc, char **argv)
{
	struct flood_plan plan = {.protocol = 17, .mac_from = {2, 0, 0, 0, 0, 0x66}};
	struct sigaction action = {.sa_handler = on_signal};
	struct flood *skeleton;
	double seconds;

	if (argc < 7 || argc > 9 || !read_plan(argv + 1, &plan)) {
		fprintf(stderr,
			"usage: flood INTERFACE TO-MAC TARGET SOURCES PORTS SECONDS [udp|tcp] "
			"[FRAMES-A-SECOND]\n");
		return 2;
	}
	seconds = atof(argv[6]);
	if (argc > 7 && !strcmp(argv[7], "tcp"))
		plan.protocol = 6;
	skeleton = flood__open();
	if (!skeleton)
		return 1;
	memcpy((void *)&skeleton->rodata->plan, &plan, sizeof(plan));
	if (flood__load(skeleton))
		return 1;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	flood_for(skeleton, seconds < SECONDS_MOST ? seconds : SECONDS_MOST,
		  argc > 8 ? (uint32_t)atol(argv[8]) : 0);
	flood__destroy(skeleton);
	return 0;
}
