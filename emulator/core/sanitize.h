/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The sanitize operation of the subsystem (Base 2.0 5.24 and 8.21, unverified). Its command only
 * starts it; resets and power cycles do not end it.
 */
#ifndef NVMELAB_EMULATOR_CORE_SANITIZE_H
#define NVMELAB_EMULATOR_CORE_SANITIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/nvme_spec.h"
#include "emulator/core/emu.h"

struct emu_cmd;
struct emu_ctrl;
struct emu_ns;
struct emu_req;

#define EMU_TAG_SANITIZE   0xfffffffd /* of its requests to the medium */
#define EMU_SANITIZE_BYTES 65536u     /* written at a time */
#define EMU_SANITIZE_META  8192u      /* metadata of the smallest blocks in that */

/**
 * struct emu_sanitize - the operation that is going on, or was the last
 * @status: enum nvme_sanitize_status
 * @step: where the operation is; sanitize.c has them
 * @failed: the subsystem is in failure mode
 * @erased: nothing was written since it ended well (GDE)
 * @pass: of an overwrite, from 1 on; @passes: how many
 * @nsid: namespace, and @slba block, that the medium is asked about; @nlb: how many
 * @status_of: answer of the medium: which blocks were ever written
 */
struct emu_sanitize {
	uint8_t status;
	uint8_t step;
	bool failed;
	bool erased;
	uint8_t pass;
	uint8_t passes;
	uint32_t cdw10;
	uint32_t pattern;
	uint32_t nsid;
	uint32_t nlb;
	uint64_t slba;
	uint64_t due_nsec;
	struct emu_media_status status_of;
	uint8_t data[EMU_SANITIZE_BYTES];
	uint8_t meta[EMU_SANITIZE_META];
};

uint16_t emu_exec_sanitize(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);

/** emu_sanitize_expired - handler of EMU_TIMER_SANITIZE: one step */
void emu_sanitize_expired(struct emu *emu);

/** emu_sanitize_media_done - the medium's answer to a request with tag EMU_TAG_SANITIZE */
void emu_sanitize_media_done(struct emu *emu, int result);

/** emu_sanitize_drained - a command ended that the operation may have waited for */
void emu_sanitize_drained(struct emu *emu);

/** emu_sanicap - Identify Controller's SANICAP */
uint32_t emu_sanicap(const struct emu *emu);

/** emu_load_sanitize - as emu_load(); an operation that had not ended begins again */
int emu_load_sanitize(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes);

/* Gates: what a sanitize operation refuses, and what ends "global data erased". */
uint16_t emu_check_sanitize(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			    struct emu_ns *ns, const struct emu_cmd *cmd);
uint16_t emu_check_erased(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			  struct emu_ns *ns, const struct emu_cmd *cmd);

#endif
