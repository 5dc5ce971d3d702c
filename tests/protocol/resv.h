/* SPDX-License-Identifier: BSD-3-Clause */
/* Four hosts and the commands of reservations, for the suites about them. */
#ifndef TESTS_PROTOCOL_RESV_H
#define TESTS_PROTOCOL_RESV_H

#include "common/le.h"
#include "tests/harness/host.h"

#define HOSTS 4

#define REGISTER   NVME_RESV_REGISTER_REGISTER
#define UNREGISTER NVME_RESV_REGISTER_UNREGISTER
#define REPLACE	   NVME_RESV_REGISTER_REPLACE
#define ACQUIRE	   NVME_RESV_ACQUIRE_ACQUIRE
#define PREEMPT	   NVME_RESV_ACQUIRE_PREEMPT
#define ABORT	   NVME_RESV_ACQUIRE_PREEMPT_AND_ABORT
#define RELEASE	   NVME_RESV_RELEASE_RELEASE
#define CLEAR	   NVME_RESV_RELEASE_CLEAR
#define IEKEY	   (1u << 3)
#define PERSIST	   ((uint32_t)NVME_RESV_CPTPL_SET << 30)
#define FORGET	   ((uint32_t)NVME_RESV_CPTPL_CLEAR << 30)

#define WE   NVME_RESV_WRITE_EXCLUSIVE
#define EA   NVME_RESV_EXCLUSIVE_ACCESS
#define WERO NVME_RESV_WRITE_EXCLUSIVE_RO
#define EARO NVME_RESV_EXCLUSIVE_ACCESS_RO
#define WEAR NVME_RESV_WRITE_EXCLUSIVE_AR
#define EAAR NVME_RESV_EXCLUSIVE_ACCESS_AR

/* The host of the current controller is @id. */
static inline void th_set_host(struct th_host *h, uint64_t id)
{
	uint64_t page = th_alloc(h, 4096);

	nvme_store_le64(th_ptr(h, page), id);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x81, .prp1 = page);
}

/* Controllers 0 to 3 with I/O pair 1 are brought up; their hosts are 100 to 103. */
static inline void th_meet_hosts(struct th_host *h)
{
	for (uint32_t ctrl = HOSTS; ctrl-- > 0;) {
		th_ctrl(h, ctrl);
		th_enable(h, 16);
		th_create_queues(h, 1, 16);
		th_set_host(h, 100 + ctrl);
	}
}

static inline struct th_host *th_hosts_(struct th_options options)
{
	struct th_host *h;

	options.controllers = HOSTS;
	options.ns2_blocks = 8;
	h = th_new_(options, false);
	th_meet_hosts(h);
	return h;
}

#define th_hosts(keys) th_hosts_((struct th_options){ .controller = (keys) })

/* A command of the current controller with two keys; @return: enum nvme_status_code. */
static inline uint16_t th_keys(struct th_host *h, uint8_t opcode, uint32_t cdw10, uint64_t crkey,
			       uint64_t key)
{
	uint64_t page = th_alloc(h, 4096);

	nvme_store_le64(th_ptr(h, page), crkey);
	nvme_store_le64(th_ptr(h, page + 8), key);
	return th_code_io(h, 1, .opcode = opcode, .nsid = 1, .prp1 = page, .cdw10 = cdw10);
}

static inline uint16_t th_register(struct th_host *h, uint32_t action, uint64_t crkey,
				   uint64_t nrkey)
{
	return th_keys(h, NVME_CMD_RESV_REGISTER, action, crkey, nrkey);
}

static inline uint16_t th_acquire(struct th_host *h, uint32_t action, uint64_t crkey,
				  uint64_t prkey, uint32_t type)
{
	return th_keys(h, NVME_CMD_RESV_ACQUIRE, action | type << 8, crkey, prkey);
}

static inline uint16_t th_release(struct th_host *h, uint32_t action, uint64_t crkey, uint32_t type)
{
	return th_keys(h, NVME_CMD_RESV_RELEASE, action | type << 8, crkey, 0);
}

/* The report of namespace 1, with entries of short identifiers behind it. */
static inline const struct nvme_resv_status *th_report(struct th_host *h)
{
	uint64_t page = th_alloc(h, 4096);

	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_RESV_REPORT, .nsid = 1, .prp1 = page,
				     .cdw10 = 255),
			  NVME_SC_SUCCESS);
	return th_ptr(h, page);
}

/* Of entry @index of the report: its key, and whether it holds the reservation. */
static inline uint64_t th_key(struct th_host *h, uint32_t index)
{
	const struct nvme_registered_ctrl *entry = (const void *)(th_report(h) + 1);

	return nvme_cpu64(entry[index].rkey);
}

static inline bool th_holds(struct th_host *h, uint32_t index)
{
	const struct nvme_registered_ctrl *entry = (const void *)(th_report(h) + 1);

	return entry[index].rcsts & 1;
}

/* Hosts 0 .. @count - 1 are registered with keys 10, 11, ... */
static inline struct th_host *th_registered(uint32_t count)
{
	struct th_host *h = th_hosts(NULL);

	for (uint32_t ctrl = count; ctrl-- > 0;) {
		th_ctrl(h, ctrl);
		ck_assert_uint_eq(th_register(h, REGISTER, 0, 10 + ctrl), NVME_SC_SUCCESS);
	}
	return h;
}

#endif
