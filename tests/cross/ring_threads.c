/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two threads, a submission ring and a completion ring between them, and only common/ring.h to
 * order their accesses: each entry is complete when the other side sees it.
 *
 *	ring_threads COMMANDS
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/random.h"
#include "common/ring.h"

#define ENTRIES 8

static struct nvme_sqe sq[ENTRIES];
static struct nvme_cqe cq[ENTRIES];
static _Alignas(64) uint32_t sq_tail;
static _Alignas(64) uint32_t cq_head;
static uint32_t commands;
static uint32_t wrong; /* of the controller; read after it ended */

/* Waits for work; the checksum of each entry comes back in its completion. */
static void *controller(void *arg)
{
	uint32_t head = 0;
	uint32_t tail = 0;
	bool phase = true;

	for (uint32_t i = 0; i < commands; i++) {
		struct nvme_cqe cqe = { .sqid = nvme_le16(1) };
		struct nvme_sqe sqe;

		while (nvme_load_doorbell(&sq_tail) == head ||
		       nvme_ring_next(tail, ENTRIES) == nvme_load_doorbell(&cq_head))
			sched_yield();
		sqe = sq[head];
		wrong += nvme_pattern_check((uint8_t *)&sqe + 4, sizeof(sqe) - 4, 1, i) !=
			 sizeof(sqe) - 4;
		head = nvme_ring_next(head, ENTRIES);
		cqe.dw0 = nvme_le32(~i);
		cqe.dw1 = nvme_le32(i);
		cqe.sqhd = nvme_le16((uint16_t)head);
		cqe.cid = nvme_le16((uint16_t)i);
		cqe.status = nvme_le16(nvme_cqe_word(0, phase));
		nvme_cqe_publish(&cq[tail], &cqe);
		tail = nvme_ring_next(tail, ENTRIES);
		if (tail == 0)
			phase = !phase;
	}
	return arg;
}

struct host {
	uint32_t submitted, reaped;
	uint32_t tail, head, cq_head;
	bool phase;
	uint32_t wrong;
};

static void submit(struct host *host)
{
	struct nvme_sqe *sqe = &sq[host->tail];

	sqe->cid = nvme_le16((uint16_t)host->submitted);
	nvme_pattern_fill((uint8_t *)sqe + 4, sizeof(*sqe) - 4, 1, host->submitted);
	host->tail = nvme_ring_next(host->tail, ENTRIES);
	host->submitted++;
	nvme_store_doorbell(&sq_tail, host->tail);
}

static bool reap(struct host *host)
{
	const struct nvme_cqe *slot = &cq[host->cq_head];

	if (nvme_cqe_phase(slot) != host->phase)
		return false;
	host->wrong += nvme_cpu32(slot->dw1) != host->reaped ||
		       nvme_cpu32(slot->dw0) != ~host->reaped ||
		       nvme_cpu16(slot->cid) != (uint16_t)host->reaped;
	host->head = nvme_cpu16(slot->sqhd);
	host->cq_head = nvme_ring_next(host->cq_head, ENTRIES);
	if (host->cq_head == 0)
		host->phase = !host->phase;
	host->reaped++;
	nvme_store_doorbell(&cq_head, host->cq_head);
	return true;
}

int main(int argc, char **argv)
{
	struct host host = { .phase = true };
	pthread_t thread;

	commands = argc == 2 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
	if (commands == 0) {
		fprintf(stderr, "usage: ring_threads COMMANDS\n");
		return 2;
	}
	if (pthread_create(&thread, NULL, controller, NULL) != 0)
		return 3;
	while (host.reaped < commands) {
		bool did = host.submitted < commands &&
			   !nvme_ring_full(host.head, host.tail, ENTRIES);

		if (did)
			submit(&host);
		did |= reap(&host);
		if (!did)
			sched_yield();
	}
	pthread_join(thread, NULL);
	printf("%u commands, %u entries and %u completions torn\n", commands, wrong, host.wrong);
	return wrong || host.wrong ? 1 : 0;
}
