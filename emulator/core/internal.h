/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of the core share: the block's structures and one entry point a stage.
 *
 * All pointers in here point into the block itself. A request is in exactly one place at any time:
 *
 *   free -> execute -> transfer -> media -> delay -> retire -> free
 *              \         \__ blocked __/                        /
 *               \________ parked (an event request, ...) _____/
 *
 * and in saving, between its end and retire, while records that it saved are not durable.
 */
#ifndef NVMELAB_EMULATOR_CORE_INTERNAL_H
#define NVMELAB_EMULATOR_CORE_INTERNAL_H

#include "common/bits.h"
#include "common/bitset.h"
#include "common/le.h"
#include "common/mem.h"
#include "common/nvme_spec.h"
#include "common/ring.h"
#include "emulator/core/cdq.h"
#include "emulator/core/emu.h"
#include "emulator/core/endurance.h"
#include "emulator/core/firmware.h"
#include "emulator/core/migration.h"
#include "emulator/core/ns.h"
#include "emulator/core/pel.h"
#include "emulator/core/power_loss.h"
#include "emulator/core/sanitize.h"
#include "emulator/core/selftest.h"
#include "emulator/core/spindle.h"
#include "emulator/core/telemetry.h"
#include "emulator/core/timer.h"

#define EMU_NONE	  UINT32_MAX
#define EMU_INTERNAL_SQ	  UINT32_MAX /* sqid of a request that no host submitted */
#define EMU_ADMIN_EXTRA	  8	     /* admin requests beyond AERs, Aborts and queue deletions */
#define EMU_ADMIN_OWN	  2	     /* never a host's: flush of a shutdown, self-test */
#define EMU_IO_OWN	  1	     /* for the second of two fused commands only */
#define EMU_RANGE_WIDE	  256	     /* range_heads: those that hash has none for */
#define EMU_SUSPECTS	  64
#define EMU_SCRATCH_BYTES 4096
#define EMU_EVENTS	  24 /* that can wait at a time: one of each */
#define EMU_EVENT_TYPES	  8
#define EMU_COUNTERS_NSEC 10000000000ull
#define EMU_STALL_NSEC	  1000000000ull /* queue memory may be away that long before CFS */
#define EMU_PCI_BYTES	  256
#define EMU_REG_BYTES	  112 /* from 0 on */
#define EMU_PMR_BYTES	  28  /* from PMRCAP on; in emu_ctrl.regs behind the others */
#define EMU_RECENT	  8
#define EMU_PIPELINE	  4 /* commands that are executed before the first one's data moves */

/* The composite temperature, and from where on it is a warning, in kelvin. */
#define EMU_TEMPERATURE_KELVIN 313
#define EMU_WCTEMP_KELVIN      343
#define EMU_CCTEMP_KELVIN      373

#define EMU_NO_LOCATION 0xffff
#define EMU_VS_1_1	NVME_VERSION(1, 1, 0)
#define EMU_VS_1_2	NVME_VERSION(1, 2, 0)
#define EMU_VS_1_2_1	NVME_VERSION(1, 2, 1)
#define EMU_VS_1_3	NVME_VERSION(1, 3, 0)
#define EMU_VS_1_4	NVME_VERSION(1, 4, 0)
#define EMU_VS_2_0	NVME_VERSION(2, 0, 0)

/* What a handler returns besides an NVMe status, which uses bits 14:0. */
#define EMU_PARK     0x8000 /* completes later; the handler put the request somewhere */
#define EMU_TRANSFER 0x8001 /* checked; go on with the data */
#define EMU_BLOCK    0x8003 /* a staged command: again when a range is given back */

typedef uint16_t emu_verdict; /* nvme_status, or one of these */

struct emu_stage;
struct emu_faults;
struct emu_ctrl;
struct emu_req;

#include "emulator/core/ana.h"
#include "emulator/core/resv.h"

enum emu_req_state {
	EMU_REQ_FREE,
	EMU_REQ_EXECUTE,
	EMU_REQ_TRANSFER,
	EMU_REQ_MEDIA,
	EMU_REQ_DELAY,
	EMU_REQ_RETIRE,
	EMU_REQ_PARKED,
	EMU_REQ_SAVING,
};

/** struct emu_list - requests in order, linked by index; both EMU_NONE when empty */
struct emu_list {
	uint32_t head;
	uint32_t tail;
	uint32_t count;
};

/**
 * struct emu_req - a command between fetch and completion
 * @next: link of the list it is in
 * @sqid: EMU_INTERNAL_SQ for the controller's own flush at shutdown
 * @dropped: its controller was reset while the medium had it; freed when that answers
 * @saves: records without an answer; @save_failed: one of them was not kept
 * @unusual: any of @saves, @save_failed and @preempted
 * @preempted: ends with Command Aborted due to Preempt and Abort
 * @unlogged: that it fails is no error of anybody: its handler says so, and no log has an entry
 * @location: byte 7:0 and bit 10:8 of the field at fault in the SQE, or EMU_NO_LOCATION
 * @nodes_wanted: span nodes that it may need at most; more than 0 also says that it has waited
 * @meta_bytes: of metadata in a buffer of its own; its handler says so before EMU_TRANSFER
 * @nodes_used: span nodes that it has of them; @meta_spans is NULL when it has no metadata
 * @identity: how many commands this controller had fetched before
 * @ns: the namespace, of a command with EMU_CMD_NS
 * @slba: with @nlb and @lbads what a read or write asks for, once it was checked
 * @block_bytes: of the host's data, for each of these blocks
 * @staged: runs as a machine over a bounce buffer, @stage (stage.h)
 * @ranged: its blocks are in work, with @range_next and @range_prev (atomic.c)
 * @cancelled: aborted while the medium had it; completes at its next turn
 * @partner: tag of the other one of two fused commands, or EMU_NONE
 * @aborter: tag of the Abort that waits for it, or EMU_NONE
 */
struct emu_req {
	uint32_t next;
	uint32_t tag;
	uint32_t sqid;
	uint16_t cid;
	nvme_status status;
	uint8_t state;
	uint8_t ctrl;
	bool dropped;
	bool unlogged;
	uint16_t location;
	union {
		struct {
			bool save_failed;
			bool preempted;
			uint16_t saves;
		};
		uint32_t unusual;
	};
	uint32_t dw0;
	uint32_t data_bytes;
	uint32_t meta_bytes;
	uint32_t nodes_wanted;
	uint32_t nodes_used;
	uint64_t due_nsec;
	uint64_t identity;
	uint64_t error_lba;
	struct emu_ns *ns;
	uint64_t slba;
	uint32_t nlb;
	uint32_t block_bytes;
	uint8_t lbads;
	struct emu_spans *meta_spans;
	bool staged;
	bool ranged;
	bool cancelled;
	uint8_t range_kind;
	uint32_t partner;
	uint32_t aborter;
	struct nvme_sqe sqe;
	struct emu_spans spans;
	uint32_t range_next;
	uint32_t range_prev;
	struct emu_stage *stage;
};

#include "emulator/core/queue.h"

/**
 * struct emu_msix - an entry of the MSI-X table as the host sees it, and whether it ever wrote it
 */
struct emu_msix {
	nvme_u32le word[4];
	bool touched;
};

#include "emulator/core/power.h"

#include "emulator/core/feature_values.h"

enum emu_todo {
	EMU_TODO_POWER = 1 << 0,
	EMU_TODO_SUBSYSTEM = 1 << 1,
	EMU_TODO_FUNCTION = 1 << 2,
	EMU_TODO_DISABLE = 1 << 3,
	EMU_TODO_ENABLE = 1 << 4,
	EMU_TODO_SHUTDOWN = 1 << 5,
	EMU_TODO_PAUSED = 1 << 6,     /* nothing is fetched while firmware is activated */
	EMU_TODO_POWER_LOSS = 1 << 7, /* nor while a power loss impends */
	EMU_TODO_CDQ = 1 << 8,	      /* changes wait to be posted */
	EMU_TODO_RESETS = EMU_TODO_POWER | EMU_TODO_SUBSYSTEM | EMU_TODO_FUNCTION |
			  EMU_TODO_DISABLE,
};

/**
 * enum emu_gate - reasons for which a command may be refused before its handler sees it
 *
 * A bit in emu->gates says that gate.c has to look; each has a row with its check there.
 */
enum emu_gate {
	EMU_GATE_FORMAT = 1 << 0,	 /* a namespace is being formatted */
	EMU_GATE_SANITIZE = 1 << 8,	 /* a sanitize operation goes on, or has failed */
	EMU_GATE_IDENTIFIER = 1 << 10,	 /* command identifiers are checked */
	EMU_GATE_ERASED = 1 << 9,	 /* it ended well, and nothing was written since */
	EMU_GATE_WRITE_PROTECT = 1 << 1, /* a namespace is write protected */
	EMU_GATE_MEDIA = 1 << 2,	 /* the media are not ready for a controller */
	EMU_GATE_ANA = 1 << 3,		 /* a group of namespaces is not reached by a controller */
	EMU_GATE_RESERVATION = 1 << 4,	 /* a namespace is reserved */
	EMU_GATE_READ_ONLY = 1 << 5,	 /* the media are read only */
};

/** struct emu_counters - what the SMART log counts (Base 2.0 5.16.1.3, unverified) */
struct emu_counters {
	uint64_t sectors_read; /* 512-byte units */
	uint64_t sectors_written;
	uint64_t host_reads;
	uint64_t host_writes;
	uint64_t busy_nsec;
	uint64_t power_cycles;
	uint64_t unsafe_shutdowns;
	uint64_t media_errors;
	uint64_t power_on_nsec; /* before this power-on */
};

/** struct emu_range - addresses; none with 0 bytes */
struct emu_range {
	uint64_t base;
	uint64_t bytes;
};

/**
 * struct emu_ctrl - one controller
 * @regs: registers as the host reads them, little-endian
 * @todo: enum emu_todo bits that writes recorded
 * @halted: not (ready, not failed, bus master on, host memory there): by emu_update_running()
 * @attention: there is something @todo, or it is @halted
 * @rr: submission queue that is being served; @burst: how many more commands it may have
 * @active: submission queues with something to fetch
 */
struct emu_ctrl {
	uint8_t index;
	struct emu_telemetry *telemetry; /* NULL: not configured */
	struct emu_self_tests self_tests;
	uint64_t counters_due_nsec; /* they were kept, and are again then at the soonest */
	bool counted;		    /* what is not kept will be when the timer expires */
	uint64_t errors_kept;	    /* error_count when the error log was kept last */
	union {
		struct {
			uint32_t todo;
			uint32_t halted;
		};
		uint64_t attention;
	};
	bool stalled;
	bool resetting;
	uint32_t page_bytes;
	uint8_t regs[EMU_REG_BYTES + EMU_PMR_BYTES];
	uint8_t pci[EMU_PCI_BYTES];
	uint32_t intm;

	struct emu_list execute;
	struct emu_list transfer;
	struct emu_list retire;
	struct emu_list aers;
	struct emu_list preempting; /* Preempt and Abort that waits for its victims */
	struct emu_list waiting;    /* for span nodes */
	struct emu_list free_io;
	struct emu_list free_admin;
	uint32_t nodes_free_count;
	struct emu_spans *nodes_free;
	struct emu_spans *nodes_new; /* and all behind it that are counted: never taken yet */
	struct emu_stage *stages_free;
	uint32_t media_pending;
	uint32_t saves_pending; /* records that its commands wait for */
	uint32_t aborts;	/* Abort commands that wait for the medium */
	uint64_t fetched;

	uint32_t rr;
	uint32_t burst;
	bool weighted;	      /* CC.AMS */
	bool dbbuf;	      /* Doorbell Buffer Config was used */
	uint32_t class_rr[4]; /* by enum nvme_qprio: queue that was served last */
	uint32_t credit[4];   /* commands that the class may have before the others' turn */
	bool windows;	      /* one of @window is not empty */
	bool asq_in_cmb;
	struct emu_range window[EMU_WINDOWS];
	uint64_t pmr_due_nsec; /* the region is ready */
	uint64_t shadow_iova;
	uint64_t event_iova;
	struct emu_spans *queue_nodes; /* for pages of queues that are not contiguous */
	struct emu_spans *queue_nodes_free;
	struct emu_sq *sq;
	struct emu_cq *cq;
	struct nvme_bitset *active;
	uint32_t sqs_granted; /* 0: Set Features Number of Queues was not used */
	uint32_t cqs_granted;
	uint32_t io_queues; /* created, of both kinds */
	uint32_t sweep;
	uint32_t recent[EMU_RECENT];
	uint32_t recent_count;
	uint32_t recent_next; /* which goes when another one comes */
	uint32_t sweep_skipped;

	struct emu_msix *msix;
	bool hidden;	  /* BAR0 is not decoded: D3hot, strict_pci, or @gone */
	bool gone;	  /* pulled out by a fault rule */
	bool irq_any;	  /* irq_due may have a member, or irq_dirty */
	bool irq_dirty;	  /* what MSI or INTx follow has changed */
	bool irq_watched; /* heads of completion queues matter to interrupts */
	bool intx;	  /* asserted */
	enum emu_irq_mode irq_mode;
	uint32_t irq_quiet;		 /* reads since irq_watched was needed last */
	uint32_t irq_status;		 /* vectors that were told as unread */
	uint32_t irq_more;		 /* MSI: those with completions that came later */
	uint32_t msi_pending;		 /* those that could not be told */
	struct nvme_bitset *irq_due;	 /* vectors to raise */
	struct nvme_bitset *irq_pending; /* vectors that cannot be raised now: the PBA */
	bool coalescing;		 /* completions are held back */
	struct emu_held *held;		 /* by vector */
	struct nvme_bitset *ns_changed;	 /* NSIDs of the Changed Attached Namespace List */
	struct nvme_bitset *irq_exempt;	 /* Interrupt Vector Configuration: coalescing disabled */

	struct emu_unread unread; /* counted while irq_watched */

	struct emu_power power;
	struct emu_heat heat;
	enum emu_pls pls;
	struct emu_cdq cdq;
	struct emu_migration migration;

	uint64_t timers[EMU_CTRL_TIMERS]; /* when each is due, or EMU_NEVER */

	uint32_t events[EMU_EVENTS]; /* enum nvme_aer, oldest first */
	uint32_t event_count;
	/* By type: the log page that has to be read before the type is reported again, or 0. */
	uint8_t event_log[EMU_EVENT_TYPES];

	struct emu_feature_values features;
	struct emu_feature_values saved;
	struct emu_ctrl_ns_features *ns_features; /* by NSID */
	uint64_t clock_set_nsec;		  /* since then features.timestamp counts */
	bool clock_by_host;
	uint64_t alive_fetched; /* commands when the Keep Alive Timer started */
	struct emu_hmb hmb;
	struct emu_counters counters;
	struct emu_ana ana;
	struct emu_resv_log resv_log;
	uint32_t io_busy; /* commands that the medium has, or the service time */
	uint64_t busy_since_nsec;
	bool media_wait;   /* ready, but the media are not */
	uint8_t shut_all;  /* CC.SHN value of the NVM subsystem shutdown that this is part of */
	bool flush_wanted; /* by the shutdown or power loss signaling that is going on */
	bool shut_down;	   /* since the last power-on or enable a shutdown finished */

	uint64_t error_count;
	struct nvme_error_log_entry *errors; /* ring of elpe + 1 entries */
};

/** struct emu_suspect - blocks that reading may fail for */
struct emu_suspect {
	uint32_t nsid;
	uint64_t slba;
	uint64_t nlb;
};

struct emu {
	struct emu_config config;
	struct emu_layout layout;
	uint64_t largest_bytes; /* of one command's data: MDTS */
	uint32_t io_requests;	/* of all controllers; the requests behind are for admin commands */
	struct emu_ops ops;
	struct emu_firmware firmware;
	struct emu_self_test self_test;
	struct emu_endurance endurance;
	struct emu_spindle spindle;
	struct emu_power_loss power_loss;
	struct emu_pel pel;
	uint64_t now_nsec;
	uint64_t next_due_nsec;
	uint64_t timers[EMU_SUB_TIMERS]; /* when each is due, or EMU_NEVER */
	bool offered[2][256];		 /* commands, by whether they are admin commands */
	uint32_t gates;			 /* enum emu_gate bits; 0: nothing unusual */
	uint32_t armed;			 /* fault sites (sites.h); 0: nothing is asked */
	uint8_t shared_reset;		 /* enum emu_reset_kind that what is shared waits for; 0 */
	uint64_t trace_seq;
	uint32_t cur; /* controller that is being served */
	struct emu_ctrl *ctrl;
	struct emu_ns *ns;		     /* by NSID */
	struct emu_ns_features *ns_features; /* by NSID */
	uint32_t warnings;		     /* NVME_SMART_WARNING_* of the whole subsystem */
	struct emu_subsystem_features features;
	struct emu_subsystem_features saved;
	uint64_t service_nsec;	   /* that an I/O command takes at least: emu_perf_update() */
	struct emu_resv *resv;	   /* by NSID */
	struct emu_faults *faults; /* NULL: not configured */
	struct emu_req *req;
	struct emu_spans *nodes;
	struct emu_job job;   /* the operation on namespaces that is under way */
	struct emu_list jobs; /* commands that wait for it to end */
	uint32_t ns_generation;
	uint32_t watched;     /* controllers whose changes a data queue is told of, by index */
	uint64_t attachments; /* of namespaces that changed since the subsystem was reset */
	struct emu_sanitize sanitize;
	struct emu_list delay;
	uint32_t nobodys_saves;	 /* records without an answer that no command waits for */
	struct emu_list blocked; /* for a bounce buffer, or an overlapping command */
	struct emu_stage *stages;
	uint32_t ranges; /* requests with @ranged */
	uint32_t copies; /* the first Copy that holds its sources, or EMU_NONE */
	uint32_t range_heads[EMU_RANGE_WIDE + 1];
	bool suspecting; /* some blocks have been suspect */
	uint32_t suspect_count;
	uint32_t suspect_generation;
	struct emu_suspect suspects[EMU_SUSPECTS];
	uint8_t scratch[EMU_SCRATCH_BYTES] __attribute__((aligned(8)));
	uint8_t feature_record[EMU_FEATURE_RECORD_BYTES];
};

/* Small accessors. */

/* Where a register is in emu_ctrl.regs. */
static inline uint32_t emu_reg_at(uint32_t offset)
{
	return offset < NVME_REG_PMRCAP ? offset : offset - NVME_REG_PMRCAP + EMU_REG_BYTES;
}

static inline uint32_t emu_reg32(const struct emu_ctrl *ctrl, uint32_t offset)
{
	return nvme_load_le32(ctrl->regs + emu_reg_at(offset));
}

static inline uint64_t emu_reg64(const struct emu_ctrl *ctrl, uint32_t offset)
{
	return nvme_load_le64(ctrl->regs + offset);
}

static inline bool emu_is_ready(const struct emu_ctrl *ctrl)
{
	return NVME_GET(ctrl->regs[NVME_REG_CSTS], NVME_CSTS_RDY);
}

#include "emulator/core/list.h"
#include "emulator/core/sites.h"

/* config.c */
void emu_config_limit(struct emu_config *config);
uint64_t emu_config_capacity(const struct emu_config *config);
uint64_t emu_config_ns_bytes(const struct emu_config *config);
uint64_t emu_config_largest(const struct emu_config *config);
uint32_t emu_config_spans(const struct emu_config *config);

/* own.c */
int emu_own_check(const struct emu_config *config, struct nvme_text *error);
uint32_t emu_queues_most(const struct emu *emu, const struct emu_ctrl *ctrl);

/* block.c: the block's layout, lists, requests and span nodes. */
uint32_t emu_io_requests(const struct emu_config *config);
uint32_t emu_requests(const struct emu_config *config);
void emu_list_insert(struct emu *emu, struct emu_list *list, struct emu_req *req);
struct emu_req *emu_list_take(struct emu *emu, struct emu_list *list, uint32_t position);
struct emu_req *emu_req_get(struct emu *emu, struct emu_ctrl *ctrl, bool admin);
void emu_req_put(struct emu *emu, struct emu_req *req);
void emu_release_nodes(struct emu *emu, struct emu_req *req);
void emu_panic(struct emu *emu, const char *what) __attribute__((noreturn));

/* save.c */
void emu_save(struct emu *emu, struct emu_req *req, enum emu_record_type type, uint32_t id,
	      const void *data, uint32_t bytes);
void emu_req_drop(struct emu *emu, struct emu_req *req);

/* regs.c */
void emu_set_reg32(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, uint32_t value);
void emu_reset_registers(struct emu *emu, struct emu_ctrl *ctrl);
void emu_share_nothing(struct emu *emu, struct emu_ctrl *ctrl);

/* ctrl.c: enable, disable, resets, shutdown; one stage a call. */
void emu_write_cc(struct emu *emu, struct emu_ctrl *ctrl, uint32_t old, uint32_t value);
void emu_want_reset(struct emu *emu, struct emu_ctrl *ctrl, enum emu_reset_kind kind);
bool emu_control_stage(struct emu *emu, struct emu_ctrl *ctrl);
void emu_shut_subsystem(struct emu *emu, uint32_t shn);
void emu_drop_requests(struct emu *emu, struct emu_ctrl *ctrl);
void emu_start_flush(struct emu *emu, struct emu_ctrl *ctrl);
bool emu_commands_left(const struct emu *emu, const struct emu_ctrl *ctrl);
void emu_update_running(struct emu *emu, struct emu_ctrl *ctrl);
void emu_fatal(struct emu *emu, struct emu_ctrl *ctrl, unsigned int reason);
void emu_stall(struct emu *emu, struct emu_ctrl *ctrl, uint64_t iova);

/** enum emu_fatal_reason - why CSTS.CFS was set; an argument of the trace event ctrl.fatal */
enum emu_fatal_reason {
	EMU_FATAL_ENABLE = 1, /* CC, AQA, ASQ or ACQ not acceptable */
	EMU_FATAL_QUEUE,      /* queue memory was away too long */
	EMU_FATAL_KEEP_ALIVE, /* Keep Alive Timer expired */
	EMU_FATAL_FAULT,      /* a fault rule */
};

/* fetch.c, execute.c, transfer.c, complete.c, irq.c: a stage each. */
bool emu_fetch_stage(struct emu *emu, struct emu_ctrl *ctrl);
void emu_execute_stage(struct emu *emu, struct emu_ctrl *ctrl);
void emu_transfer_stage(struct emu *emu, struct emu_ctrl *ctrl);
void emu_start_media(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
uint64_t emu_service_end(struct emu *emu, struct emu_ctrl *ctrl);
void emu_complete_stage(struct emu *emu, struct emu_ctrl *ctrl);
bool emu_irq_stage(struct emu *emu, struct emu_ctrl *ctrl);

/* complete.c */
void emu_finish(struct emu *emu, struct emu_req *req, nvme_status status);
nvme_status emu_status_from_errno(const struct emu_req *req, int error);
void emu_complete_now(struct emu *emu, struct emu_req *req, nvme_status status);
void emu_complete_held(struct emu *emu, struct emu_req *req);
void emu_complete_half(struct emu *emu, struct emu_req *req);
void emu_retire(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);

#include "emulator/core/pci.h"

#include "emulator/core/cmd.h"
#include "emulator/core/hot.h"

nvme_status emu_bad_field(struct emu_req *req, unsigned int byte, unsigned int bit);
nvme_status emu_bad(struct emu_req *req, nvme_status status, unsigned int byte, unsigned int bit);

/* gate.c */
emu_verdict emu_check_gates(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			    const struct emu_cmd *cmd);

/* identify.c, log.c, feature.c, aer.c, abort.c, admin.c, nvm.c */
emu_verdict emu_exec_identify(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
void emu_put_text(char *to, uint32_t bytes, const char *text);
void emu_put_subnqn(const struct emu *emu, char *subnqn, size_t bytes);
nvme_status emu_fill_identify(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      uint8_t *data);
emu_verdict emu_exec_get_log(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
nvme_status emu_fill_log(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req, uint32_t at,
			 uint8_t *data, uint32_t bytes);
uint32_t emu_log_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
void emu_log_was_read(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
uint8_t emu_log_lpa(const struct emu *emu);
uint32_t emu_critical_warning(const struct emu *emu, const struct emu_ctrl *ctrl);
void emu_warn(struct emu *emu, uint32_t bit);
void emu_save_counters(struct emu *emu, struct emu_ctrl *ctrl);
void emu_counters_changed(struct emu *emu, struct emu_ctrl *ctrl);
void emu_counters_later(struct emu *emu, struct emu_ctrl *ctrl);
int emu_load_counters(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes);
uint64_t emu_power_on_nsec(const struct emu *emu, const struct emu_ctrl *ctrl);
void emu_build_smart(struct emu *emu, struct emu_ctrl *ctrl, struct nvme_smart_log *smart);
emu_verdict emu_exec_cdq(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
emu_verdict emu_exec_track_send(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
emu_verdict emu_exec_migration_send(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
uint32_t emu_migration_send_bytes(struct emu *emu, struct emu_ctrl *ctrl,
				  const struct emu_req *req);
nvme_status emu_migration_send_part(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				    uint32_t at, uint8_t *data, uint32_t bytes);
emu_verdict emu_exec_migration_receive(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
uint32_t emu_migration_receive_bytes(struct emu *emu, struct emu_ctrl *ctrl,
				     const struct emu_req *req);
nvme_status emu_migration_receive_part(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				       uint32_t at, uint8_t *data, uint32_t bytes);
emu_verdict emu_exec_abort(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
bool emu_dulbe(const struct emu_ctrl *ctrl, uint32_t nsid);
void emu_describe_media(const struct emu_ctrl *ctrl, const struct emu_req *req,
			struct emu_media *ret_media);
void emu_count_io(struct emu_ctrl *ctrl, const struct emu_req *req, nvme_status status);
uint64_t emu_busy_nsec(const struct emu *emu, const struct emu_ctrl *ctrl);

/* errorlog.c */
void emu_log_error(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
void emu_log_event_error(struct emu *emu, struct emu_ctrl *ctrl, nvme_status status);
const struct nvme_error_log_entry *emu_error_at(const struct emu *emu, const struct emu_ctrl *ctrl,
						uint32_t position);
void emu_save_errors(struct emu *emu, struct emu_ctrl *ctrl);
int emu_load_errors(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes);

#include "emulator/core/trace.h"

#endif
