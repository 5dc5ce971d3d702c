/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The words of fault rules as rows: sites, fields, actions. docs/faults.md prints them.
 *
 * A site says which fields its predicates and assignments may name, and which actions make sense
 * there; the parser refuses everything else, so whatever it accepts works.
 */
#ifndef NVMELAB_COMMON_FAULT_LISTS_H
#define NVMELAB_COMMON_FAULT_LISTS_H

/* clang-format off */

/* Name, text, kind of its values, what it is. */
#define NVME_FAULT_FIELD_LIST(X) \
	X(CTRL,     "ctrl",     NUMBER,   "index of the controller, from 0") \
	X(LIFE,     "life",     LIFE,     "what the controller is doing: off, init, run, reset, shutdown, gone") \
	X(REG,      "reg",      REGISTER, "register, by name or offset") \
	X(BYTES,    "bytes",    NUMBER,   "bytes of the access, or of a command's data") \
	X(VALUE,    "value",    NUMBER,   "what is read or written") \
	X(Q,        "q",        NUMBER,   "submission queue, 0 for admin commands; of a head doorbell the completion queue") \
	X(HEAD,     "head",     NUMBER,   "1 for the head doorbell of a completion queue, 0 for a tail doorbell") \
	X(OP,       "op",       OPCODE,   "command, by name or number; 0x100 is added for admin commands") \
	X(CID,      "cid",      NUMBER,   "command identifier") \
	X(NSID,     "nsid",     NUMBER,   "namespace") \
	X(LBA,      "lba",      NUMBER,   "first logical block; 'lba in A..B': any block of the command") \
	X(BLOCKS,   "blocks",   NUMBER,   "number of logical blocks") \
	X(FID,      "fid",      NUMBER,   "feature of Get Features and Set Features") \
	X(LID,      "lid",      NUMBER,   "log page of Get Log Page") \
	X(CNS,      "cns",      NUMBER,   "data structure of Identify") \
	X(PRP1,     "prp1",     NUMBER,   "PRP entry 1, or the first half of an SGL descriptor") \
	X(PRP2,     "prp2",     NUMBER,   "PRP entry 2, or the second half of an SGL descriptor") \
	X(CDW10,    "cdw10",    NUMBER,   "command dword 10") \
	X(CDW11,    "cdw11",    NUMBER,   "command dword 11") \
	X(CDW12,    "cdw12",    NUMBER,   "command dword 12") \
	X(CDW13,    "cdw13",    NUMBER,   "command dword 13") \
	X(CDW14,    "cdw14",    NUMBER,   "command dword 14") \
	X(CDW15,    "cdw15",    NUMBER,   "command dword 15") \
	X(NR,       "nr",       NUMBER,   "commands that the controller had fetched before this one") \
	X(INFLIGHT, "inflight", NUMBER,   "commands of the queue that are fetched and not completed, with this one") \
	X(STATUS,   "status",   STATUS,   "status of the completion, SCT/SC in hexadecimal") \
	X(DW0,      "dw0",      NUMBER,   "dword 0 of the completion") \
	X(DW1,      "dw1",      NUMBER,   "dword 1 of the completion") \
	X(SQHD,     "sqhd",     NUMBER,   "SQ head pointer of the completion") \
	X(SQID,     "sqid",     NUMBER,   "SQ identifier of the completion") \
	X(PHASE,    "phase",    NUMBER,   "phase tag of the completion") \
	X(VECTOR,   "vector",   NUMBER,   "interrupt vector") \
	X(EVENT,    "event",    NUMBER,   "asynchronous event, as in dword 0 of its completion") \
	X(KIND,     "kind",     RESET,    "kind of reset: controller, function, subsystem, power") \
	X(RECORD,   "record",   NUMBER,   "type of what is kept beyond the power: 1 for a namespace, others as in emulator/core/save.h") \
	X(KEEP,     "keep",     KEEP,     "what volatile write caches keep of their writes: none, all, prefix, subset")

/* Sets of fields. */
#define NVME_FAULT_SQE_FIELDS \
	(F(Q) | F(OP) | F(CID) | F(NSID) | F(LBA) | F(BLOCKS) | F(FID) | F(LID) | F(CNS) | F(PRP1) | F(PRP2) | \
	 F(CDW10) | F(CDW11) | F(CDW12) | F(CDW13) | F(CDW14) | F(CDW15) | F(NR) | F(INFLIGHT))
#define NVME_FAULT_SQE_SET \
	(F(OP) | F(CID) | F(NSID) | F(PRP1) | F(PRP2) | F(CDW10) | F(CDW11) | F(CDW12) | F(CDW13) | F(CDW14) | F(CDW15))
#define NVME_FAULT_CQE_SET (F(DW0) | F(DW1) | F(SQHD) | F(SQID) | F(CID) | F(STATUS) | F(PHASE))

/* Name, text, fields of predicates, fields that can be assigned, actions besides those of all sites; what happens there. */
#define NVME_FAULT_SITE_LIST(X) \
	X(REG_READ, "reg.read", F(REG) | F(BYTES) | F(VALUE), F(VALUE), \
	  A(ALL_ONES), "the host reads a register") \
	X(REG_WRITE, "reg.write", F(REG) | F(BYTES) | F(VALUE), F(VALUE), \
	  A(DROP), "the host writes a register") \
	X(CFG_READ, "cfg.read", F(REG) | F(BYTES) | F(VALUE), F(VALUE), \
	  A(ALL_ONES), "the host reads PCI configuration space; reg is the offset") \
	X(DB_WRITE, "db.write", F(Q) | F(HEAD) | F(VALUE), F(VALUE), \
	  A(DROP), "the controller sees a doorbell that the host wrote") \
	X(SQE_FETCH, "sqe.fetch", NVME_FAULT_SQE_FIELDS, NVME_FAULT_SQE_SET, \
	  A(DROP) | A(UNCORRECTABLE), "a command was fetched") \
	X(CMD_DECODE, "cmd.decode", NVME_FAULT_SQE_FIELDS, NVME_FAULT_SQE_SET & ~F(CID), \
	  A(STATUS), "a command is about to be checked") \
	X(CMD_EXECUTE, "cmd.execute", NVME_FAULT_SQE_FIELDS, F(DW0) | F(DW1), \
	  A(STATUS) | A(SKIP) | A(DELAY) | A(HANG) | A(UNCORRECTABLE), "a command is about to be executed") \
	X(CMD_RETIRE, "cmd.retire", NVME_FAULT_SQE_FIELDS | F(STATUS) | F(DW0), F(DW0) | F(DW1), \
	  A(STATUS), "a command was executed and has its status") \
	X(XFER_IN, "xfer.in", NVME_FAULT_SQE_FIELDS | F(BYTES), 0, \
	  A(FLIP) | A(PUT) | A(SHORT), "data of a command is about to be taken from host memory") \
	X(XFER_OUT, "xfer.out", NVME_FAULT_SQE_FIELDS | F(BYTES), 0, \
	  A(FLIP) | A(PUT) | A(SHORT), "data of a command is about to be put into host memory") \
	X(MEDIA_READ, "media.read", NVME_FAULT_SQE_FIELDS, F(LBA), \
	  A(FAIL) | A(DELAY) | A(HANG) | A(UNCORRECTABLE), "the medium is asked to read") \
	X(MEDIA_WRITE, "media.write", NVME_FAULT_SQE_FIELDS, F(LBA), \
	  A(FAIL) | A(DELAY) | A(HANG) | A(DROP) | A(TORN), "the medium is asked to write") \
	X(MEDIA_DEALLOC, "media.dealloc", NVME_FAULT_SQE_FIELDS, F(LBA), \
	  A(FAIL) | A(DELAY) | A(HANG) | A(DROP) | A(TORN), "the medium is asked to zero or deallocate blocks") \
	X(MEDIA_FLUSH, "media.flush", NVME_FAULT_SQE_FIELDS, 0, \
	  A(FAIL) | A(DELAY) | A(HANG) | A(DROP), "the medium is asked to keep what it has") \
	X(CQE_POST, "cqe.post", NVME_FAULT_SQE_FIELDS | NVME_FAULT_CQE_SET, NVME_FAULT_CQE_SET, \
	  A(DROP) | A(DUPLICATE) | A(HOLD) | A(DELAY) | A(HANG) | A(LATE_PHASE) | A(EARLY_PHASE), "a completion is about to be posted") \
	X(CQE_BUILD, "cqe.build", NVME_FAULT_SQE_FIELDS | NVME_FAULT_CQE_SET, NVME_FAULT_CQE_SET, \
	  0, "the entry of a completion was made up, and goes into its queue next") \
	X(IRQ_RAISE, "irq.raise", F(VECTOR), F(VECTOR), \
	  A(DROP) | A(DUPLICATE), "an MSI-X or MSI message is about to be sent") \
	X(AER_RAISE, "aer.raise", F(EVENT), F(EVENT), \
	  A(DROP), "an asynchronous event happened") \
	X(CTRL_ENABLE, "ctrl.enable", 0, 0, \
	  0, "CC.EN was set") \
	X(CTRL_READY, "ctrl.ready", 0, 0, \
	  A(DELAY) | A(HANG), "CSTS.RDY is about to be set") \
	X(CTRL_RESET, "ctrl.reset", F(KIND), 0, \
	  A(DELAY) | A(HANG), "a reset begins, CC.EN = 0 among them; commands are still there") \
	X(CTRL_SHUTDOWN, "ctrl.shutdown", 0, 0, \
	  A(DELAY) | A(HANG), "a shutdown begins") \
	X(NS_CHANGE, "ns.change", F(NSID), 0, \
	  A(DROP), "a host is about to be told that a namespace came, went or changed") \
	X(FW_COMMIT, "fw.commit", NVME_FAULT_SQE_FIELDS, 0, \
	  A(STATUS) | A(DROP) | A(DELAY) | A(HANG), "a firmware image is about to be stored or activated") \
	X(SANITIZE_TICK, "sanitize.tick", 0, 0, \
	  A(FAIL) | A(DELAY) | A(HANG), "a sanitize operation is about to take its next step") \
	X(STATE_SAVE, "state.save", F(RECORD), 0, \
	  A(FAIL) | A(DROP), "something is about to be kept beyond the power") \
	X(STATE_LOAD, "state.load", F(RECORD), 0, \
	  A(FAIL) | A(DROP), "something that was kept is about to be taken up again, before the controller is there") \
	X(POWER, "power", F(KEEP), F(KEEP), \
	  0, "the power is cut, by 'cut-power' or from outside; resets of kind power follow") \
	X(ENV_MAP, "env.map", F(BYTES), 0, \
	  A(REFUSE), "the host makes memory visible to the controller; bytes of it") \
	X(ENV_VECTORS, "env.vectors", F(VALUE), F(VALUE), \
	  A(REFUSE), "the driver asks for interrupt vectors; value is how many, and can only become less") \
	X(ENV_TIMER, "env.timer", 0, 0, \
	  A(DELAY), "the driver goes to sleep until a time of its own; others may wake it before")

/* Name, text, argument, what it does. Those of SITE rows are for the sites that name them. */
#define NVME_FAULT_ACTION_LIST(X) \
	X(ASSIGN,    "FIELD = VALUE", ASSIGN,   SITE, "change a field; also ^=, |= and &=") \
	X(ALL_ONES,  "all-ones",      NOTHING,  SITE, "the value is read as ones, as from a device that is gone") \
	X(DROP,      "drop",          NOTHING,  SITE, "it does not happen, and nobody is told") \
	X(DUPLICATE, "duplicate",     NOTHING,  SITE, "it happens twice") \
	X(HOLD,      "hold",          NAME,     SITE, "keep it back until 'release' with the same name") \
	X(DELAY,     "delay",         DURATION, SITE, "let it happen that much later") \
	X(HANG,      "hang",          NOTHING,  SITE, "it never happens; a reset gives it up") \
	X(STATUS,    "status",        STATUS,   SITE, "end the command with this status: SCT/SC [dnr] [crd=1..3]") \
	X(SKIP,      "skip",          NOTHING,  SITE, "end the command with success, without executing it") \
	X(FAIL,      "fail",          ERROR,    SITE, "the medium answers: error, full, uncorrectable, deallocated") \
	X(FLIP,      "flip",          PATCH,    SITE, "exclusive or into the data: BYTE:MASK, the mask in hexadecimal, 1 to 8 bytes") \
	X(PUT,       "put",           PATCH,    SITE, "replace data: BYTE:BYTES, in hexadecimal, 1 to 8 bytes") \
	X(SHORT,     "short",         NUMBER,   SITE, "only so many bytes are moved; 0 leaves the host's buffer untouched") \
	X(TORN,      "torn",          NUMBER,   SITE, "only so many blocks, the first ones, reach the medium") \
	X(UNCORRECTABLE, "uncorrectable", BLOCKS, SITE, "blocks FIRST..LAST of the command's namespace cannot be read until they are written") \
	X(LATE_PHASE, "late-phase",   DURATION, SITE, "dwords 0 to 2 of the entry come first, dword 3 with the phase that much later") \
	X(EARLY_PHASE, "early-phase", DURATION, SITE, "dword 3 with the phase comes first, dwords 0 to 2 that much later") \
	X(STICK,     "stick",         NOTHING,  ALL,  "from now on the rule fires whenever its predicate holds, whatever its triggers say") \
	X(REFUSE,    "refuse",        NOTHING,  SITE, "the host's system does not give what was asked for") \
	X(RELEASE,   "release",       NAME,     ALL,  "what is held under this name goes on, in order") \
	X(ARM,       "arm",           NAME,     ALL,  "another rule is looked at from now on") \
	X(DISARM,    "disarm",        NAME,     ALL,  "another rule is looked at no longer") \
	X(FATAL,     "fatal",         NOTHING,  ALL,  "CSTS.CFS is set") \
	X(RESET,     "reset",         NOTHING,  ALL,  "the controller resets itself: CSTS.RDY goes to 0, CSTS.NSSRO to 1") \
	X(EVENT,     "event",         NUMBER,   ALL,  "an asynchronous event, as in dword 0 of its completion") \
	X(INTERRUPT, "interrupt",     NUMBER,   ALL,  "a message for this vector, without a completion") \
	X(CUT_POWER, "cut-power",     KEEP,     ALL,  "the power goes and comes back; volatile write caches keep: none, all, prefix, subset") \
	X(REMOVE,    "remove",        AWAY,     ALL,  "the controller is pulled out: reads give all ones; with a time it returns then") \
	X(RETURN,    "return",        NOTHING,  ALL,  "what was pulled out is back, as after power-on") \
	X(NS_REMOVE, "ns-remove",     NUMBER,   ALL,  "a namespace is detached from every controller; its hosts are told") \
	X(NS_RETURN, "ns-return",     NUMBER,   ALL,  "a namespace is attached to the controller") \
	X(NS_RESIZE, "ns-resize",     PAIR,     ALL,  "namespace N has so many blocks: N BLOCKS, at most those of its medium") \
	X(TEMPERATURE, "temperature", NUMBER,   ALL,  "the controller's composite temperature, in kelvin") \
	X(WARN,      "warn",          WARNING,  ALL,  "a critical warning until power is cycled: spare, reliability, read-only, backup, pmr")

/* clang-format on */

#endif
