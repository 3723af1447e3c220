/* SPDX-License-Identifier: GPL-2.0 */
/* Probe, turns and lines; see sampler.h. */
#include "sampler.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define PROBE_TURNS  200000
#define PROBES_FIRST 40
#define WAITS	     10 /* for a quiet moment */
#define WAIT_US	     3000
#define REST_MOST    1.0 /* seconds */
#define LOCK	     "/run/agfeo-bench.lock"
#define DISTURBED    1.35 /* times the fastest probe: somebody shares the core */

static inline void pause_cpu(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#else
	__asm__ volatile("" : : : "memory");
#endif
}

double now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void sampler_claim_cpu(int cpu)
{
	struct sched_param first = {.sched_priority = 1};
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		warn("CPU %d: %s: the samples wander", cpu, strerror(errno));
	if (sched_setscheduler(0, SCHED_FIFO, &first))
		warn("real-time priority: %s: other programs get between", strerror(errno));
}

/*
 * ns of one turn of eight additions, none of which waits for another: half as fast when a second
 * thread runs on the same core.
 */
static double probe(void)
{
	uint64_t sum[8] = {0}, turns = PROBE_TURNS;
	double begin = now_seconds();

	while (turns--) {
		sum[0]++, sum[1]++, sum[2]++, sum[3]++, sum[4]++, sum[5]++, sum[6]++, sum[7]++;
		__asm__ volatile(""
				 : "+r"(sum[0]), "+r"(sum[1]), "+r"(sum[2]), "+r"(sum[3]),
				   "+r"(sum[4]), "+r"(sum[5]), "+r"(sum[6]), "+r"(sum[7]));
	}
	return (now_seconds() - begin) * 1e9 / PROBE_TURNS;
}

/* ------------------------------------------------------------------ the other CPU */

/*
 * Of a machine with two CPUs the second is often the other half of the same core. While a sample is
 * taken it rests: a thread that nobody outranks does nothing there.
 */
static atomic_int resting; /* 0: not; else it counts up, from sample to sample */

/* Not for longer than a sample may take: whom the sampler waits for may need this very CPU. */
static void rest_for(int sample)
{
	double until = now_seconds() + REST_MOST;

	while (atomic_load(&resting) == sample && now_seconds() < until)
		for (int i = 0; i < 50; i++)
			pause_cpu();
}

static void *rest(void *argument)
{
	int rested = 0;

	sampler_claim_cpu(*(const int *)argument);
	for (;;) {
		int sample = atomic_load(&resting);

		if (sample && sample != rested)
			rest_for(sample);
		rested = sample;
		usleep(200);
	}
	return NULL;
}

static void start_resting(int *cpu)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, rest, cpu);

	if (err)
		warn("CPU %d: %s: what runs there disturbs the samples", *cpu, strerror(err));
	else
		pthread_detach(thread);
}

/* Hundredths of a second that the host took this CPU away. */
static unsigned long long stolen(int cpu)
{
	unsigned long long value = 0;
	char line[512], name[16];
	FILE *file = fopen("/proc/stat", "re");

	if (!file)
		return 0;
	snprintf(name, sizeof(name), "cpu%d ", cpu);
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, name, strlen(name)))
			continue;
		sscanf(line, "%*s %*u %*u %*u %*u %*u %*u %*u %llu", &value);
		break;
	}
	fclose(file);
	return value;
}

static long pushed_aside(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_THREAD, &usage) ? 0 : usage.ru_nivcsw;
}

int sampler_alone(void)
{
	int fd = open(LOCK, O_CREAT | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail(errno, LOCK);
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return 0;
	warn("another benchmark is running: waiting for it");
	return flock(fd, LOCK_EX) ? fail(errno, LOCK) : 0;
}

int sampler_start(struct sampler *sampler)
{
	int err = sampler_alone();

	if (err)
		return err;
	sampler->best = 1e9;
	sampler->other = sampler->cpu ? 0 : 1;
	if (sysconf(_SC_NPROCESSORS_ONLN) == 2)
		start_resting(&sampler->other);
	for (int i = 0; i < PROBES_FIRST; i++) {
		double took = probe();

		if (took < sampler->best)
			sampler->best = took;
	}
	return sampler->best > 0 ? 0 : -EINVAL;
}

/* Waits for a moment in which nobody shares the core; not for ever. Returns the probe. */
static double wait_for_quiet(struct sampler *sampler)
{
	double took = probe();

	for (int i = 0; i < WAITS && took >= DISTURBED * sampler->best; i++) {
		usleep(WAIT_US);
		took = probe();
	}
	return took;
}

static int take(struct sampler *sampler, struct cell *cell, unsigned round)
{
	unsigned long long steal;
	double before, after, ns = 0;
	long pushed;
	char extra[256] = "";
	bool good;
	int err;

	sampler->samples++;
	atomic_store(&resting, cell->both_cpus ? 0 : sampler->samples);
	usleep(500);
	before = wait_for_quiet(sampler);
	steal = stolen(sampler->cpu);
	pushed = pushed_aside();
	err = cell->take(cell, &ns, extra, sizeof(extra));
	after = probe();
	atomic_store(&resting, 0);
	if (err)
		return err;
	if (before < sampler->best)
		sampler->best = before;
	if (after < sampler->best)
		sampler->best = after;
	steal = stolen(sampler->cpu) - steal;
	pushed = pushed_aside() - pushed;
	good = before < DISTURBED * sampler->best && after < DISTURBED * sampler->best && !steal &&
	       !pushed;
	cell->taken++;
	cell->good += good;
	fprintf(sampler->out,
		"{\"part\":\"%s\",\"name\":\"%s\",\"at\":%.9g,\"round\":%u,\"ns\":%.3f,"
		"\"probe\":[%.3f,%.3f],\"steal\":%llu,\"pushed\":%ld,\"good\":%s%s}\n",
		cell->part, cell->name, cell->at, round, ns, before, after, steal, pushed,
		good ? "true" : "false", extra);
	return 0;
}

static bool all_good(const struct sampler *sampler, const struct cell *cells, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (cells[i].good < sampler->wanted)
			return false;
	return true;
}

/* Whole rounds: what is compared was measured within seconds of each other, as often. */
int sampler_run(struct sampler *sampler, struct cell *cells, size_t count)
{
	double until = now_seconds() + sampler->seconds;
	unsigned round = 0;

	while (!all_good(sampler, cells, count) &&
	       (round < SAMPLER_LEAST || now_seconds() < until)) {
		for (size_t i = 0; i < count; i++) {
			int err = take(sampler, &cells[i], round);

			if (err)
				return fail(err, "%s: %s", cells[i].part, cells[i].name);
		}
		round++;
	}
	fflush(sampler->out);
	return 0;
}
