/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Admin commands of the host driver, and its errors as text. Included by nvl.h.
 */
#ifndef NVMELAB_DRIVER_CORE_NVL_ADMIN_H
#define NVMELAB_DRIVER_CORE_NVL_ADMIN_H

#include "driver/core/nvl.h"

#pragma GCC visibility push(default)

/*
 * Admin commands. Context of all: the owner; they wait, at most admin_timeout_nsec. Data goes
 * through a buffer in the DMA memory, so any memory of the caller will do. Raw passthrough is
 * nvl_execute() on nvl_admin_queue(), with a mapped buffer.
 */

#define NVL_ADMIN_DATA_BYTES 16384u /* of one admin command through the buffer */

/** struct nvl_identify - operands of Identify; what a CNS does not use is 0 */
struct nvl_identify {
	uint8_t cns;
	uint8_t csi;
	uint8_t uuid_index;
	uint16_t cntid;
	uint16_t cns_specific; /* CDW11 15:0 */
	uint32_t nsid;
};

/**
 * nvl_identify - Identify (Base 2.0 5.17)
 * @data: gets 4096 bytes; untouched unless 0 is returned
 */
int nvl_identify(struct nvl_ctrl *ctrl, const struct nvl_identify *identify, void *data);

/** struct nvl_log - operands of Get Log Page */
struct nvl_log {
	uint8_t lid;
	uint8_t lsp;
	uint8_t csi;
	uint8_t uuid_index;
	uint16_t lsi;
	bool rae;
	uint32_t nsid;
	uint64_t offset;
};

/**
 * nvl_get_log - Get Log Page (Base 2.0 5.16)
 * @data: gets @bytes of the page
 * @bytes: a multiple of 4; more than NVL_ADMIN_DATA_BYTES takes several commands with growing
 *	offsets, of which all but the last retain the asynchronous event
 */
int nvl_get_log(struct nvl_ctrl *ctrl, const struct nvl_log *log, void *data, uint32_t bytes);

/**
 * struct nvl_feature - operands of Get Features and Set Features
 * @sel: Get: 0 current, 1 default, 2 saved, 3 supported capabilities
 * @save: Set: SV
 * @cdw11: Set: the value of most features; Get: of those that have a selector
 * @data: of features with a data structure, read or filled; NULL for none
 * @data_bytes: at most NVL_ADMIN_DATA_BYTES
 */
struct nvl_feature {
	uint8_t fid;
	uint8_t sel;
	uint8_t uuid_index;
	bool save;
	uint32_t nsid;
	uint32_t cdw11;
	uint32_t cdw12;
	uint32_t cdw13;
	uint32_t cdw15;
	void *data;
	uint32_t data_bytes;
};

/** nvl_get_feature - Get Features (Base 2.0 5.15); @ret_dw0, or NULL, gets completion dword 0 */
int nvl_get_feature(struct nvl_ctrl *ctrl, const struct nvl_feature *feature, uint32_t *ret_dw0);

/** nvl_set_feature - Set Features (Base 2.0 5.27); @ret_dw0, or NULL, gets completion dword 0 */
int nvl_set_feature(struct nvl_ctrl *ctrl, const struct nvl_feature *feature, uint32_t *ret_dw0);

/**
 * nvl_admin_data - any admin command whose data goes through the buffer
 * @sqe: as nvl_submit(); its direction is that of the opcode (bits 1:0)
 * @data: @bytes bytes, at most NVL_ADMIN_DATA_BYTES; read, or written when the command succeeded
 */
int nvl_admin_data(struct nvl_ctrl *ctrl, const struct nvme_sqe *sqe, void *data, uint32_t bytes,
		   struct nvl_completion *ret_completion);

/*
 * Errors as text.
 */

/** enum nvl_reason - why bring-up failed, or why a namespace is refused; the texts are in text.c */
enum nvl_reason {
	NVL_REASON_NONE,
	NVL_REASON_GONE,
	NVL_REASON_CAP_MQES,
	NVL_REASON_CAP_CSS,
	NVL_REASON_CAP_MPS,
	NVL_REASON_FATAL,
	NVL_REASON_READY_STUCK,
	NVL_REASON_NOT_READY,
	NVL_REASON_CC_LOST,
	NVL_REASON_COMMAND_TIMEOUT,
	NVL_REASON_IDENTIFY_CTRL,
	NVL_REASON_NUM_QUEUES,
	NVL_REASON_NS_LIST,
	NVL_REASON_SQES,
	NVL_REASON_SHUTDOWN_STUCK,
	NVL_REASON_PARK,
	NVL_REASON_NS_IDENTIFY,
	NVL_REASON_NS_SIZE,
	NVL_REASON_NS_FORMAT,
	NVL_REASON_NS_LBADS,
	NVL_REASON_NS_METADATA,
	NVL_REASON_NS_MDTS,
	NVL_REASON_NS_CHANGED,
	NVL_REASON_OTHER_CTRL,
	NVL_REASON_SELF_RESET,
	NVL_REASON_PAUSE_STUCK,
	NVL_REASON_STATUS,
	NVL_REASON_DOORBELL,
	NVL_REASONS
};

/**
 * nvl_reason_text - @reason as a sentence without its full stop; "" for NVL_REASON_NONE and no
 * reason
 */
const char *nvl_reason_text(uint32_t reason);

/** nvl_failure_text - append why the last nvl_start(), nvl_reset() or nvl_shutdown() failed */
void nvl_failure_text(const struct nvl_ctrl *ctrl, struct nvme_text *text);

/** nvl_result_text - append @result in words: errno or status by name and code */
void nvl_result_text(int result, struct nvme_text *text);

#pragma GCC visibility pop

#endif
