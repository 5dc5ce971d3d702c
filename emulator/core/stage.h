/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Staged commands: those whose data the core has to see, or that ask the medium more than once.
 *
 * Such a command holds a bounce buffer of a pool in the block and runs as a small state machine:
 * each turn is one stage; it works on what the medium answered and asks for the next piece. The
 * medium may answer at once or later, like everywhere.
 */
#ifndef NVMELAB_EMULATOR_CORE_STAGE_H
#define NVMELAB_EMULATOR_CORE_STAGE_H

#include "emulator/core/internal.h"
#include "emulator/core/spans.h"

#define EMU_BOUNCE_BYTES 65536 /* data of a piece: one block of the largest size at least */
#define EMU_BOUNCE_META	 8192  /* and its metadata */
#define EMU_BOUNCE_LIST	 10240 /* 256 descriptors of the larger kind of Copy */

/** struct emu_cursor - a place in the data of a command; all zero is its start */
struct emu_cursor {
	const struct emu_spans *node;
	uint32_t index;
	uint64_t at; /* bytes into span @index */
};

enum emu_move {
	EMU_MOVE_IN,	  /* from host memory */
	EMU_MOVE_OUT,	  /* to host memory */
	EMU_MOVE_COMPARE, /* is it the same in host memory */
	EMU_MOVE_NOTHING, /* only the cursor advances */
};

/** struct emu_tag - storage and reference tag together, up to 80 bits */
struct emu_tag {
	uint16_t high;
	uint64_t low;
};

/**
 * struct emu_pi - what a command says about protection information, and the format of its namespace
 * @prinfo: NVME_PRINFO_* bits
 * @stc: the storage tag is checked, but for the bits @lbstm_clear
 * @type: enum nvme_pi_type; 0: none, and nothing here happens
 * @app: application tag to write or to expect
 * @tag: storage tag, and the reference tag of the next block
 */
struct emu_pi {
	const struct emu_format *format;
	uint32_t block_bytes;
	uint32_t ms;
	uint32_t tuple_at; /* offset in the metadata */
	uint8_t type;
	uint8_t prinfo;
	bool stc;
	uint64_t lbstm_clear;
	uint16_t app;
	uint16_t app_mask;
	struct emu_tag tag;
};

/**
 * struct emu_stage - the bounce buffer of a staged command, and how far it has come
 * @next: link of the pool's free ones
 * @ns: namespace that the medium is asked about; NULL: not begun, but promised to its holder
 * @media: what the medium was asked for last; @run is its answer to EMU_MEDIA_STATUS
 * @slba: next block; with @left blocks to do
 * @nlb: blocks of the piece that is under way, 0 before the first
 * @data_at: in the host's data; likewise @meta_at, when metadata has a buffer of its own
 * @phase: for the machine
 * @range: descriptor of Copy or Dataset Management that is next, of @ranges
 * @at: block within it
 * @used: descriptors of Get LBA Status
 * @to: next block that Copy writes
 * @copying: its sources are held; @next_copy: tag of the next one of emu->copies, or EMU_NONE
 * @pi: what is read; @pi_out: what Copy writes
 */
struct emu_stage {
	struct emu_stage *next;
	struct emu_ns *ns;
	struct emu_media media;
	struct emu_media_status run;
	uint64_t slba;
	uint64_t left;
	uint32_t nlb;
	struct emu_cursor data_at;
	struct emu_cursor meta_at;
	uint32_t phase;
	uint32_t range;
	uint32_t ranges;
	uint32_t at;
	uint32_t used;
	uint64_t to;
	bool copying;
	uint32_t next_copy;
	struct emu_pi pi;
	struct emu_pi pi_out;
	uint8_t list[EMU_BOUNCE_LIST] __attribute__((aligned(64)));
	uint8_t meta[EMU_BOUNCE_META];
	uint8_t data[EMU_BOUNCE_BYTES];
};

/* transfer.c and execute.c, for commands that do not go the common way */
void emu_media_finished(struct emu *emu, struct emu_req *req, int error);
void emu_media_over(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
		    nvme_status status);
nvme_status emu_measure_data(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
bool emu_may_have_nodes(struct emu *emu, struct emu_req *req, uint32_t nodes);
emu_verdict emu_locate_data(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
void emu_wait_for_nodes(struct emu *emu, struct emu_req *req, bool waited);
emu_verdict emu_execute_checked(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);

/* stage.c: what the common way knows of staged commands, and of those that wait */
bool emu_stage_take(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
void emu_stage_answer(struct emu *emu, struct emu_req *req, int error);
void emu_stage_release(struct emu *emu, struct emu_req *req);

/* atomic.c, and what it asks copy.c */
bool emu_source_conflicts(struct emu *emu, const struct emu_req *req, uint32_t nsid, uint64_t slba,
			  uint32_t nlb);
void emu_sources_hold(struct emu *emu, struct emu_req *req);
void emu_sources_release(struct emu *emu, struct emu_req *req);
bool emu_copy_reads(struct emu *emu, const struct emu_req *req, uint32_t nsid, uint64_t slba,
		    uint64_t nlb);
bool emu_range_conflicts(struct emu *emu, struct emu_req *req);
void emu_range_hold(struct emu *emu, struct emu_req *req);
void emu_range_release(struct emu *emu, struct emu_req *req);
void emu_range_pass(struct emu *emu, struct emu_req *from, struct emu_req *to);

/* fused.c */
emu_verdict emu_exec_fused(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
void emu_fused_go_on(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *first);
void emu_fused_fail(struct emu *emu, struct emu_req *req, nvme_status status);

/* suspect.c */
void emu_suspect_note(struct emu *emu, const struct emu_req *req, nvme_status status);
void emu_suspect_forget(struct emu *emu, uint32_t nsid);
uint64_t emu_lba_status_log_bytes(struct emu *emu, struct emu_ctrl *ctrl,
				  const struct emu_req *req);
void emu_fill_lba_status_log(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			     uint64_t offset, uint8_t *data, uint32_t bytes);

/* abort.c */
uint32_t emu_abort_reserve(const struct emu_config *config);
void emu_abort_answered(struct emu *emu, struct emu_req *req, int error);
void emu_abort_over(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);

/* move.c */

/**
 * emu_move - move @bytes between @data and host memory, from @cursor on, which advances
 * Return: 0; 1 when the comparison found a difference; -1 when host memory was not there.
 */
int emu_move(struct emu *emu, uint32_t ctrl, const struct emu_spans *spans,
	     struct emu_cursor *cursor, enum emu_move how, void *data, uint32_t bytes);

/* stage.c */

/** emu_stage_ask - ask the medium for the next piece, from stage->slba on; returns EMU_PARK */
emu_verdict emu_stage_ask(struct emu *emu, struct emu_req *req, enum emu_media_op op);

/** emu_stage_ask_run - ask it for something without data; returns EMU_PARK */
emu_verdict emu_stage_ask_run(struct emu *emu, struct emu_req *req, enum emu_media_op op,
			      uint64_t slba, uint32_t nlb);

/**
 * emu_stage_expect_list - @req will be staged, and names its blocks by a list of descriptors
 * @slba: first block beside those of the list, if there is one
 * Return: EMU_TRANSFER
 */
emu_verdict emu_stage_expect_list(struct emu_req *req, uint64_t slba);

/**
 * emu_stage_move - move data of the command, from its byte @at on; fault rules change it on its way
 * Return: as emu_move().
 */
int emu_stage_move(struct emu *emu, struct emu_req *req, enum emu_move how, uint64_t at, void *data,
		   uint32_t bytes);

/** emu_stage_fetch_list - copy the list of @count descriptors, which is the command's data */
nvme_status emu_stage_fetch_list(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				 uint32_t count);

/** emu_stage_piece - how many blocks the next piece has */
uint32_t emu_stage_piece(const struct emu_stage *stage);

/** emu_stage_advance - the piece is done */
void emu_stage_advance(struct emu_stage *stage);

/** emu_stage_host - move data and metadata of the piece between the bounce buffer and the host */
nvme_status emu_stage_host(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   enum emu_move how);

/* nvm.c, zeroes.c, metadata.c: what several commands check */
emu_verdict emu_exec_blocks(struct emu_req *req);
bool emu_exceeds_limit(const struct emu_req *req, uint32_t limit);
emu_verdict emu_exec_metadata(struct emu_req *req);

/* limits.c */
void emu_put_ctrl_limits(const struct emu *emu, struct nvme_id_ctrl *id);
void emu_put_ns_limits(const struct emu *emu, struct nvme_id_ns *id);
void emu_put_nvm_limits(const struct emu *emu, struct nvme_id_ctrl_nvm *id);

/* The handlers and machines of the commands' rows. */
emu_verdict emu_turn_read_write(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
emu_verdict emu_exec_compare(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
emu_verdict emu_exec_verify(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
emu_verdict emu_turn_compare(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
emu_verdict emu_exec_write_zeroes(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
emu_verdict emu_turn_write_zeroes(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
emu_verdict emu_exec_write_uncorrectable(struct emu *emu, struct emu_ctrl *ctrl,
					 struct emu_req *req);
emu_verdict emu_exec_dsm(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
uint32_t emu_dsm_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
emu_verdict emu_turn_dsm(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
emu_verdict emu_exec_copy(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
uint32_t emu_copy_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
emu_verdict emu_turn_copy(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
emu_verdict emu_exec_lba_status(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
uint32_t emu_lba_status_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
emu_verdict emu_turn_lba_status(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);

/* pi.c */
void emu_pi_format(struct emu_pi *pi, const struct emu_ns *ns);
void emu_pi_init(struct emu_pi *pi, const struct emu_ns *ns, const struct emu_req *req);
struct emu_tag emu_pi_command_tag(const struct emu_ns *ns, const struct emu_req *req);
struct emu_tag emu_pi_load_tag(const uint8_t *at, uint32_t bytes);
nvme_status emu_pi_check_command(struct emu_req *req, const struct emu_pi *pi, uint64_t slba);
nvme_status emu_pi_check(struct emu_req *req, struct emu_pi *pi, const uint8_t *data,
			 const uint8_t *meta, uint64_t slba, uint32_t nlb);
void emu_pi_insert(struct emu_pi *pi, const uint8_t *data, uint8_t *meta, uint32_t nlb);
void emu_pi_skip(struct emu_pi *pi, uint32_t nlb);
void emu_pi_flip(const struct emu_ns *ns, uint8_t *meta, uint32_t nlb);
bool emu_pi_is_moved(const struct emu_pi *pi);

#endif
