/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The judge: what a host does wrong, for any host and by the controller's side alone.
 *
 * It takes the controller's trace records (struct emu_ops.trace), keeps a shadow of what the host
 * did, and tells of each rule that the host breaks: the rule, its clause, the command and the
 * record. It changes nothing, and costs nothing where nobody asks for it. Violations are forbidden
 * by the specification; advice is about what is allowed and yet likely a mistake.
 *
 *   emu_judge_init(memory, config, ops)   a subsystem after power-on, before its first record
 *   emu_judge_record(judge, record)       for each record, in order
 *   emu_judge_count(), _total()           what was found so far
 *
 * A subsystem of emu_device_new() has one ready: struct emu_device_options.judged.
 *
 * Context of every call: one thread at a time for a judge; nothing allocates, blocks or reads a
 * clock. The block holds no pointer to anything outside itself besides the ops.
 */
#ifndef NVMELAB_EMULATOR_JUDGE_JUDGE_H
#define NVMELAB_EMULATOR_JUDGE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/text.h"
#include "common/trace.h"
#include "emulator/core/config.h"

#pragma GCC visibility push(default)

#define EMU_JUDGE_NUMBERS    3
#define EMU_JUDGE_TEXT_BYTES 1024 /* more than a finding in words or as JSON needs */

enum emu_judge_level {
	EMU_JUDGE_VIOLATION, /* the specification forbids it */
	EMU_JUDGE_ADVICE,    /* it is allowed, and likely a mistake */
	EMU_JUDGE_LEVELS
};

enum emu_judge_rules {
#define JUDGE_RULE(symbol, id, level, clause, numbers, sentence) EMU_RULE_##symbol,
#include "emulator/judge/rules.def"
#undef JUDGE_RULE
	EMU_RULES
};

/**
 * struct emu_judge_rule - a row of the table of rules
 * @id: stable name
 * @clause: of the specification, as "Base 2.0 3.1.3.5"
 * @numbers: names and kinds of the numbers of a finding, "old:d new:x"
 * @sentence: what the driver did wrong
 */
struct emu_judge_rule {
	const char *id;
	enum emu_judge_level level;
	const char *clause;
	const char *numbers;
	const char *sentence;
};

/**
 * struct emu_judge_finding - a rule was broken
 * @rule: enum emu_judge_rules
 * @seq: number of the trace record
 * @time_nsec: of the record
 * @ctrl: index of the controller
 * @has_queue: @qid counts
 * @has_command: @qid, @cid and @opcode count
 * @number: as the rule's numbers say
 */
struct emu_judge_finding {
	unsigned int rule;
	uint64_t seq;
	uint64_t time_nsec;
	uint16_t ctrl;
	bool has_queue;
	bool has_command;
	uint16_t qid;
	uint16_t cid;
	uint8_t opcode;
	uint64_t number[EMU_JUDGE_NUMBERS];
};

/**
 * struct emu_judge_ops - what a judge needs from the program around it
 * @arg: first argument of the callbacks
 * @found: told of each finding; NULL: only counts are kept
 * @ns: a namespace as it is now, as emu_namespace_of() says it; NULL: those of the configuration
 * @unseen: whether a controller's registers are memory that the host reads without the controller
 *	seeing it; NULL: they are not
 */
struct emu_judge_ops {
	void *arg;
	void (*found)(void *arg, const struct emu_judge_finding *finding);
	bool (*ns)(void *arg, uint32_t nsid, struct emu_ns_config *ret_ns);
	bool (*unseen)(void *arg, uint32_t ctrl);
};

struct emu_judge;

/**
 * emu_judge_size - bytes of the block for @config
 * Return: the size, a multiple of 64; 0 when emu_config_check() would refuse @config.
 */
size_t emu_judge_size(const struct emu_config *config);

/**
 * emu_judge_init - set up a judge for a subsystem as it is after power-on
 * @memory: emu_judge_size(config) bytes, aligned to 64; stays the caller's
 * @config: of the subsystem; copied
 * @ops: copied
 * Return: the judge, which is @memory.
 */
struct emu_judge *emu_judge_init(void *memory, const struct emu_config *config,
				 const struct emu_judge_ops *ops);

/**
 * emu_judge_record - the next record of the controller's trace
 * @record: any; one that the configuration cannot have given is ignored, a driver's too
 *
 * ops->found() is called from inside. To be called from struct emu_ops.trace, say.
 */
void emu_judge_record(struct emu_judge *judge, const struct nvme_trace_record *record);

/**
 * emu_judge_count - how often a rule was broken
 * @rule: enum emu_judge_rules
 * Return: the count; 0 for a rule that there is not.
 */
uint64_t emu_judge_count(const struct emu_judge *judge, unsigned int rule);

/**
 * emu_judge_total - how many findings there were
 * @level: of which kind
 * Return: the sum of the counts of all rules of that level.
 */
uint64_t emu_judge_total(const struct emu_judge *judge, enum emu_judge_level level);

/**
 * emu_judge_rule - row @rule of the table
 * @rule: enum emu_judge_rules
 * Return: the row; NULL past the last one.
 */
const struct emu_judge_rule *emu_judge_rule(unsigned int rule);

/**
 * emu_judge_level_name - a level as findings have it
 * @level: enum emu_judge_level
 * Return: "violation" or "advice"; NULL for no level.
 */
const char *emu_judge_level_name(unsigned int level);

/**
 * emu_judge_text - append a finding as one line for people, without the newline
 * @finding: of emu_judge_ops.found()
 */
void emu_judge_text(struct nvme_text *text, const struct emu_judge_finding *finding);

/**
 * emu_judge_json - append a finding as one JSON object, without the newline
 * @finding: of emu_judge_ops.found()
 */
void emu_judge_json(struct nvme_text *text, const struct emu_judge_finding *finding);

#pragma GCC visibility pop

#endif
