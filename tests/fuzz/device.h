/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A device for the driver's core that lies where the fuzzer says so.
 *
 * It is an honest controller with as little as a driver needs, and asks the input at each step
 * whether to be honest: a byte below TH_HONEST is yes, and so is the end of the input. It judges
 * the driver too: see the claims in device.c.
 */
#ifndef TESTS_FUZZ_DEVICE_H
#define TESTS_FUZZ_DEVICE_H

#include "common/bits.h"
#include "common/ring.h"
#include "driver/core/nvl.h"
#include "tests/fuzz/input.h"

#define TH_HONEST     200u
#define TH_QUEUES     4u /* with the admin pair */
#define TH_DMA_IOVA   UINT64_C(0x100000000)
#define TH_DMA_BYTES  (4u << 20)
#define TH_DATA_IOVA  UINT64_C(0x200000000)
#define TH_DATA_BYTES (128u << 10)
#define TH_WAITS_MAX  20000u
#define TH_TRANSFERS  512u

/** struct th_pair - a queue pair as the device has it */
struct th_pair {
	uint64_t sq, cq;
	uint32_t sq_entries, cq_entries;
	uint32_t head, tail;
	uint32_t cq_tail, cq_head;
	bool phase;
};

/** struct th_transfer - what a read or write is about; number n has the blocks from n << 16 on */
struct th_transfer {
	uint32_t nlb;
	uint32_t block_shift;
	uint64_t iova;
};

struct th_device {
	struct th_input *in;
	bool trusted; /* is honest, and does not ask */
	struct nvl_ctrl *ctrl;
	uint8_t *dma;
	uint8_t *data;
	uint8_t *page; /* doorbells, when mapped */
	uint64_t now;
	uint32_t waits; /* since the last call into the driver began */
	uint32_t cc, csts, aqa;
	uint64_t asq, acq;
	uint32_t stride;
	struct th_pair pairs[TH_QUEUES];
	struct th_transfer transfers[TH_TRANSFERS];
	bool gone;
	bool silent; /* works no more */
	bool lied;   /* completed what it may not have fetched: its lists are the driver's again */
	int lost;
	void (*on_wait)(void *arg); /* what else there is in the process */
	void *arg;
};

/** th_device_ops - the transport; @mapped: doorbells are memory */
void th_device_ops(struct th_device *device, bool mapped, struct nvl_ops *ret_ops);

/** th_is_honest - whether the next thing is as it should be; else what to do instead follows */
bool th_is_honest(struct th_device *device);

/** th_device_work - execute what was submitted */
void th_device_work(struct th_device *device);

/** th_device_post - a completion that nobody asked for, from the input */
void th_device_post(struct th_device *device);

#endif
