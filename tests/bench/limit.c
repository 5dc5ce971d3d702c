/* SPDX-License-Identifier: BSD-3-Clause */
/* The limits: see limit.h. */
#include "tests/bench/limit.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/nvme_spec.h"
#include "common/ring.h"

#define ENTRIES	    256u
#define SAMPLE_MASK 15u /* one command of 16 is timed, unless there is only one at a time */

/* A line of its own for each word that one side writes and the other reads. */
struct line {
	volatile uint32_t value;
	uint8_t pad[60];
};

struct shared {
	struct line ping, pong, sq_tail, cq_head, stop, ready;
	struct nvme_sqe sq[ENTRIES];
	struct nvme_cqe cq[ENTRIES];
};

uint64_t bench_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void bench_pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static int compare(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

static double rank(const struct bench_samples *samples, double part)
{
	return samples->count ? samples->nsec[(uint32_t)(part * (samples->count - 1))] : 0;
}

void bench_percentiles(struct bench_samples *samples, struct bench_result *result)
{
	qsort(samples->nsec, samples->count, sizeof(samples->nsec[0]), compare);
	result->p50 = rank(samples, 0.5);
	result->p99 = rank(samples, 0.99);
	result->p99_9 = rank(samples, 0.999);
}

static void *map_shared(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(3);
	}
	return memory;
}

/* The other process has to be on its processor before this one begins to spin. */
static void wait_ready(const struct shared *shared)
{
	while (!shared->ready.value)
		usleep(100);
}

static pid_t fork_or_exit(void)
{
	pid_t pid = fork();

	if (pid < 0) {
		perror("fork");
		exit(3);
	}
	return pid;
}

double bench_cache_line(double seconds)
{
	struct shared *shared = map_shared(sizeof(*shared));
	pid_t pid = fork_or_exit();
	uint64_t begin, end;
	uint32_t i = 0;

	if (pid == 0) {
		bench_pin(1);
		shared->ready.value = 1;
		for (uint32_t seen = 0; seen != UINT32_MAX;) {
			uint32_t value = nvme_load_doorbell(&shared->ping.value);

			if (value != seen) {
				seen = value;
				nvme_store_doorbell(&shared->pong.value, value);
			}
		}
		_exit(0);
	}
	bench_pin(0);
	wait_ready(shared);
	begin = bench_now();
	end = begin + (uint64_t)(seconds * 1e9);
	do {
		for (uint32_t batch = 0; batch < 1000; batch++) {
			nvme_store_doorbell(&shared->ping.value, ++i);
			while (nvme_load_doorbell(&shared->pong.value) != i)
				;
		}
	} while (bench_now() < end);
	end = bench_now();
	nvme_store_doorbell(&shared->ping.value, UINT32_MAX);
	waitpid(pid, NULL, 0);
	munmap(shared, sizeof(*shared));
	return i / ((double)(end - begin) / 1e9);
}

/* The device: whatever the tail says is copied and completed. */
static void serve(struct shared *shared, uint8_t *media, uint8_t *host,
		  const struct bench_case *bench)
{
	uint32_t head = 0, cq_tail = 0;
	bool phase = true;

	bench_pin(1);
	shared->ready.value = 1;
	while (!shared->stop.value) {
		uint32_t tail = nvme_load_doorbell(&shared->sq_tail.value);

		while (head != tail) {
			struct nvme_sqe sqe = shared->sq[head];
			struct nvme_cqe cqe = { .cid = sqe.cid };
			uint8_t *at = media + nvme_cpu64(sqe.mptr);
			uint8_t *memory = host + nvme_cpu64(sqe.prp1);

			if (bench->write)
				memcpy(at, memory, bench->bytes);
			else
				memcpy(memory, at, bench->bytes);
			head = nvme_ring_next(head, ENTRIES);
			cqe.sqhd = nvme_le16((uint16_t)head);
			cqe.status = nvme_le16(phase);
			nvme_cqe_publish(&shared->cq[cq_tail], &cqe);
			cq_tail = nvme_ring_next(cq_tail, ENTRIES);
			if (cq_tail == 0)
				phase = !phase;
		}
	}
	_exit(0);
}

struct host {
	struct shared *shared;
	const struct bench_case *bench;
	struct bench_samples *samples;
	uint32_t tail, head;
	bool phase;
	uint64_t random;
	uint64_t done;
	uint64_t started[ENTRIES];
};

static void submit(struct host *host, uint16_t cid)
{
	struct nvme_sqe *slot = &host->shared->sq[host->tail];
	uint64_t blocks = BENCH_MEDIA_BYTES / host->bench->bytes;

	memset(slot, 0, sizeof(*slot));
	slot->cid = nvme_le16(cid);
	slot->mptr = nvme_le64(bench_random(&host->random) % blocks * host->bench->bytes);
	slot->prp1 = nvme_le64((uint64_t)cid * host->bench->bytes);
	host->tail = nvme_ring_next(host->tail, ENTRIES);
	host->started[cid] = 0;
	if (host->bench->depth == 1 || (host->done & SAMPLE_MASK) == 0)
		host->started[cid] = bench_now();
}

static void reap(struct host *host)
{
	struct nvme_cqe *slot = &host->shared->cq[host->head];
	bool any = false;

	while (nvme_cqe_phase(slot) == host->phase) {
		uint16_t cid = nvme_cpu16(slot->cid);

		host->head = nvme_ring_next(host->head, ENTRIES);
		if (host->head == 0)
			host->phase = !host->phase;
		slot = &host->shared->cq[host->head];
		host->done++;
		if (host->started[cid])
			bench_add_sample(host->samples, bench_now() - host->started[cid]);
		submit(host, cid);
		any = true;
	}
	if (!any)
		return;
	nvme_store_doorbell(&host->shared->cq_head.value, host->head);
	nvme_store_doorbell(&host->shared->sq_tail.value, host->tail);
}

struct bench_result bench_rings(const struct bench_case *bench)
{
	struct bench_samples *samples = calloc(1, sizeof(*samples));
	size_t host_bytes = (size_t)bench->depth * bench->bytes;
	uint8_t *media = map_shared(BENCH_MEDIA_BYTES);
	uint8_t *memory = map_shared(host_bytes);
	struct host host = {
		.shared = map_shared(sizeof(*host.shared)),
		.bench = bench,
		.samples = samples,
		.phase = true,
		.random = 88172645463325252u,
	};
	struct bench_result result = { 0 };
	uint64_t begin, end;
	pid_t pid;

	memset(media, 0x5a, BENCH_MEDIA_BYTES);
	pid = fork_or_exit();
	if (pid == 0)
		serve(host.shared, media, memory, bench);
	bench_pin(0);
	wait_ready(host.shared);
	begin = bench_now();
	end = begin + (uint64_t)(bench->seconds * 1e9);
	for (uint16_t cid = 0; cid < bench->depth; cid++)
		submit(&host, cid);
	nvme_store_doorbell(&host.shared->sq_tail.value, host.tail);
	while (bench_now() < end) {
		for (uint32_t turn = 0; turn < 64; turn++)
			reap(&host);
	}
	end = bench_now();
	host.shared->stop.value = 1;
	waitpid(pid, NULL, 0);
	result.iops = (double)host.done / ((double)(end - begin) / 1e9);
	bench_percentiles(samples, &result);
	free(samples);
	munmap(media, BENCH_MEDIA_BYTES);
	munmap(memory, host_bytes);
	munmap(host.shared, sizeof(*host.shared));
	return result;
}
