/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is learnt from the records of both sides: the hash of a run, counts, the retry oracle, and
 * what the judge says of the controller's.
 */
#include "tests/sim/internal.h"

#define OPCODE_ABORT 0x08u

/* Counts; true: it is the first one, whose sentence goes into @text. */
static bool begin_message(struct sim_world *world, unsigned int oracle, struct nvme_text *text)
{
	struct sim_result *result = world->result;

	result->violations[oracle]++;
	if (result->first != SIM_ORACLES || sim_oracle_is_advice(oracle))
		return false;
	result->first = oracle;
	result->first_nsec = world->now;
	result->first_records = result->records[NVME_TRACE_CONTROLLER] +
				result->records[NVME_TRACE_DRIVER];
	nvme_text_init(text, result->message, sizeof(result->message));
	return true;
}

static void add_number(struct nvme_text *text, const char *name, uint64_t number)
{
	nvme_text_add(text, name);
	nvme_text_u64(text, number);
}

void sim_violation(struct sim_world *world, enum sim_oracle oracle, const char *what, uint64_t op,
		   uint64_t lba)
{
	struct nvme_text text;

	if (!begin_message(world, oracle, &text))
		return;
	nvme_text_add(&text, what);
	if (op) {
		add_number(&text, ": operation ", op);
		add_number(&text, ", block ", lba);
	}
}

/** sim_watch_judge - the judge has found that the driver broke a rule of the protocol */
void sim_watch_judge(void *arg, const struct emu_judge_finding *finding)
{
	const struct emu_judge_rule *rule = emu_judge_rule(finding->rule);
	struct nvme_text text;

	if (!begin_message(arg, SIM_ORACLE_JUDGE + finding->rule, &text))
		return;
	nvme_text_add(&text, rule->sentence);
	nvme_text_add(&text, " (");
	nvme_text_add(&text, rule->clause);
	nvme_text_char(&text, ')');
	if (finding->has_queue)
		add_number(&text, ": queue ", finding->qid);
	if (finding->has_command)
		add_number(&text, ", CID ", finding->cid);
}

/* Not as good as nvme_mix(), and a quarter of its work; sim_run() ends with that. */
static uint64_t add_word(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * NVME_RANDOM_STEP;
	return hash ^ hash >> 29;
}

static void hash_record(struct sim_world *world, const struct nvme_trace_record *record)
{
	uint64_t hash = world->result->hash[record->side];
	const uint8_t *data = record->data;
	uint32_t whole = record->data_bytes & ~7u;

	hash = add_word(hash, record->time_nsec);
	hash = add_word(hash, (uint64_t)record->event << 32 | record->ctrl);
	for (unsigned int i = 0; i < NVME_TRACE_ARGS; i++)
		hash = add_word(hash, record->args[i]);
	for (uint32_t at = 0; at < whole; at += 8)
		hash = add_word(hash, nvme_load_le64(data + at));
	for (uint32_t at = whole; at < record->data_bytes; at++)
		hash = add_word(hash, data[at]);
	world->result->hash[record->side] = hash;
	world->result->records[record->side]++;
}

static uint32_t key_of(uint64_t qid, uint64_t cid)
{
	return (uint32_t)(qid << 16 | (cid & 0xffff));
}

/* A newer command may have taken the place: then nothing is said of the older one. */
static struct sim_followed *place_of(struct sim_world *world, uint32_t key)
{
	return &world->followed[key * 0x9e3779b1u >> 20];
}

/* The operation that a read or write belongs to: no two in flight share a block. */
static uint32_t op_of(const struct sim_world *world, const struct nvme_trace_record *record)
{
	const uint8_t *sqe = record->data;
	uint64_t slba;

	if (record->args[0] == 0 || record->data_bytes < 64)
		return 0;
	if (record->args[3] != NVME_CMD_READ && record->args[3] != NVME_CMD_WRITE)
		return 0;
	slba = nvme_load_le64(sqe + 40);
	return slba < world->medium.capacity ? world->app.owner[slba] : 0;
}

static void fetched(struct sim_world *world, const struct nvme_trace_record *record)
{
	uint32_t number = op_of(world, record);
	struct sim_op *op = &world->app.op[number];
	uint32_t key = key_of(record->args[0], record->args[2]);

	world->result->counter[SIM_EMU_COMMANDS]++;
	if (number == 0)
		return;
	if (op->refused)
		sim_violation(world, SIM_ORACLE_RETRY,
			      "a command was sent again although it was refused with Do Not Retry",
			      number, op->slba);
	if (nvme_load_le64((const uint8_t *)record->data + 40) == op->slba &&
	    op->sent < UINT8_MAX && ++op->sent > 1 + world->file->driver.max_retries)
		sim_violation(world, SIM_ORACLE_RETRY, "a command was sent again too often", number,
			      op->slba);
	op->answered = false;
	*place_of(world, key) = (struct sim_followed){ key, number };
}

/* The operation whose command has this identifier; number 0 for none. */
static struct sim_op *followed(struct sim_world *world, uint64_t qid, uint64_t cid)
{
	uint32_t key = key_of(qid, cid);
	const struct sim_followed *place = place_of(world, key);

	return &world->app.op[qid != 0 && place->key == key ? place->op : 0];
}

static void posted(struct sim_world *world, const struct nvme_trace_record *record)
{
	struct sim_op *op = followed(world, record->args[3], record->args[4]);

	if (op != world->app.op && (record->args[6] & NVME_DNR))
		op->refused = true;
}

static void reaped(struct sim_world *world, const struct nvme_trace_record *record)
{
	struct sim_op *op = followed(world, record->args[0], record->args[4]);

	op->answered = true;
	op->answer = (uint16_t)record->args[6];
}

static void tell(struct sim_world *world, const struct nvme_trace_record *record)
{
	const struct sim_options *options = world->options;

	hash_record(world, record);
	if (options && options->trace)
		options->trace(options->trace_arg, record);
}

void sim_watch_controller(void *arg, const struct nvme_trace_record *record)
{
	struct sim_world *world = arg;

	tell(world, record);
	emu_judge_record(world->judge, record);
	if (record->event == NVME_TRACE_SQE_FETCH)
		fetched(world, record);
	else if (record->event == NVME_TRACE_CQE_POST)
		posted(world, record);
}

void sim_watch_driver(void *arg, const struct nvme_trace_record *record)
{
	struct sim_world *world = arg;
	uint64_t *counter = world->result->counter;

	tell(world, record);
	if (record->event == NVME_TRACE_NVL_SUBMIT) {
		counter[SIM_DRIVER_SUBMITTED]++;
		counter[SIM_DRIVER_ABORTS] += record->args[0] == 0 &&
					      record->args[3] == OPCODE_ABORT;
	} else if (record->event == NVME_TRACE_NVL_COMPLETE) {
		reaped(world, record);
	} else if (record->event == NVME_TRACE_NVL_BAD_CQE) {
		counter[SIM_DRIVER_STRAY]++;
	} else if (record->event == NVME_TRACE_NVL_TIMEOUT) {
		counter[SIM_DRIVER_TIMEOUTS]++;
	}
}
