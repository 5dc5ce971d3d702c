/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A log page is a row. Get Log Page, the list of supported pages and Identify's LPA come from it.
 */
#ifndef NVMELAB_EMULATOR_CORE_LOG_H
#define NVMELAB_EMULATOR_CORE_LOG_H

#include "emulator/core/internal.h"

enum emu_log_flags {
	EMU_LOG_VENDOR = 1 << 0, /* a UUID index may select it */
	EMU_LOG_CSI = 1 << 1,	 /* there is one for each I/O command set */
};

/** emu_log_fill - writes bytes @offset .. @offset + @bytes - 1 of the page into @data, zeroed */
typedef void emu_log_fill(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			  uint64_t offset, uint8_t *data, uint32_t bytes);

/**
 * struct emu_log - a row of the table of log pages
 * @since: version of the specification
 * @supported: whether the configuration has it; NULL: it has
 * @bytes: size of the page, when @size is NULL
 * @size: size of the page as it is now; asked after @begin
 * @fill: a part of the page: at most EMU_SCRATCH_BYTES, from any offset; bytes behind the end of
 *	the page stay zero. All parts of a command are filled in one stage, in order.
 * @begin: checks what is specific to this page and does what the command asks for besides reading;
 *	NULL: nothing. EMU_TRANSFER: go on; a status ends the command, success without data.
 * @was_read: the host has the data; NULL: that changes nothing
 * @index_bytes: size of an entry when the offset may be an index (OT), else 0
 * @lidsp: LID Specific Parameter of the list of supported pages
 * @flags: enum emu_log_flags
 * @key: EMU_KEY() of what has to be set in the configuration; 0: nothing
 */
struct emu_log {
	uint8_t lid;
	uint32_t since;
	bool (*supported)(const struct emu *emu);
	uint32_t bytes;
	uint64_t (*size)(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
	emu_log_fill *fill;
	emu_verdict (*begin)(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
	void (*was_read)(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
	uint16_t index_bytes;
	uint16_t lidsp;
	uint32_t flags;
	uint16_t key;
};

/** struct emu_log_part - the part of a page that is wanted now */
struct emu_log_part {
	uint64_t offset;
	uint8_t *data;
	uint32_t bytes;
};

/**
 * emu_log_put - what lies in the wanted part of @from_bytes bytes, which the page has from @at on
 *
 * Whoever fills a page puts all its pieces; only those that are asked for are copied.
 */
void emu_log_put(const struct emu_log_part *part, uint64_t at, const void *from,
		 uint32_t from_bytes);

/* ns_state.c: the Changed Attached Namespace List. */
bool emu_has_changed_ns(const struct emu *emu);
emu_log_fill emu_fill_changed_ns;
void emu_changed_ns_read(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);

/** emu_log_supported - whether Get Log Page knows @lid in this configuration */
bool emu_log_supported(const struct emu *emu, uint32_t lid);

/** emu_log_lsp - the command's Log Specific Parameter; emu_log_lsi - and Identifier */
uint32_t emu_log_lsp(const struct emu_req *req);
uint32_t emu_log_lsi(const struct emu_req *req);
bool emu_log_retains(const struct emu_req *req);

/* Pages that live in files of their own. */
emu_log_fill emu_fill_fw_slots, emu_fill_pel, emu_fill_self_test, emu_fill_telemetry,
	emu_fill_statistics, emu_fill_endurance, emu_fill_aggregate, emu_fill_rotational;
uint64_t emu_telemetry_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
emu_verdict emu_begin_telemetry(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
void emu_telemetry_was_read(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
uint64_t emu_aggregate_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
emu_verdict emu_begin_endurance(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
void emu_endurance_was_read(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
uint64_t emu_pel_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
emu_verdict emu_begin_pel(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);

#endif
