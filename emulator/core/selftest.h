/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Device self-test: one operation at a time in a subsystem, results of each controller
 * (Base 2.0 8.6, unverified).
 */
#ifndef NVMELAB_EMULATOR_CORE_SELFTEST_H
#define NVMELAB_EMULATOR_CORE_SELFTEST_H

#include "common/nvme_spec.h"
#include "emulator/core/emu.h"

struct emu_ctrl;
struct emu_req;

typedef uint16_t emu_verdict; /* as in internal.h */

/**
 * struct emu_self_test - the operation that is going on
 * @code: enum nvme_self_test_code; 0 none
 * @ctrl: that was told to
 * @nsid: 0 the controller alone, NVME_NSID_ALL all that are attached to it
 * @start_nsec: when it began; @end_nsec: when it ends, if the media have been looked at then
 * @phase: how far it is
 * @at_nsid: namespace that is looked at; @at_block: next block of it
 * @tag: of the request to the medium, or EMU_NONE
 * @stale: it was asked for a test that ended meanwhile
 * @run: what the medium answers
 */
struct emu_self_test {
	uint8_t code;
	uint8_t ctrl;
	uint8_t phase;
	uint32_t nsid;
	uint64_t start_nsec;
	uint64_t end_nsec;
	uint32_t at_nsid;
	uint64_t at_block;
	uint32_t asked;
	uint32_t tag;
	bool stale;
	struct emu_media_status run;
};

/** struct emu_self_tests - results of a controller, newest first */
struct emu_self_tests {
	struct nvme_self_test_result result[NVME_SELF_TEST_RESULTS];
};

/** emu_self_test_init - no operation, no results */
void emu_self_test_init(struct emu *emu);

/** emu_self_test_reset - a reset of @ctrl: ends a short test of it */
void emu_self_test_reset(struct emu *emu, const struct emu_ctrl *ctrl);

/**
 * emu_self_test_disturb - an operation on media ends a test that looks at the same
 * @nsid: namespace that it is about, or NVME_NSID_ALL
 * @outcome: NVME_SELF_TEST_ABORTED_FORMAT, _NS_REMOVED or _SANITIZE (which ends any test)
 */
void emu_self_test_disturb(struct emu *emu, uint32_t nsid, enum nvme_self_test_outcome outcome);

/** emu_self_test_expired - the next part of the test is due */
void emu_self_test_expired(struct emu *emu);

/** emu_self_test_answered - the medium's answer to @req, which is emu_self_test.tag */
void emu_self_test_answered(struct emu *emu, struct emu_req *req, int error);

/** emu_load_self_test - record EMU_RECORD_SELF_TEST; Return: 0, or -22 for a bad one */
int emu_load_self_test(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes);

emu_verdict emu_exec_self_test(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);

#endif
