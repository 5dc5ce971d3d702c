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

/* Odd, and otherwise of no meaning: nvme_mix(0), nvme_mix(1) and so on. */
static const uint64_t factors[NVME_TRACE_ARGS + 2] = {
	0xe220a8397b1dcdafull, 0x910a2dec89025cc1ull, 0x975835de1c9756cfull, 0x1d0b14e4db018fedull,
	0x6e73e372e2338acbull, 0x63033b0ca389c35bull, 0xbd64a5d9adefe001ull, 0x63cbe1e459320dd7ull,
	0x9e5651b0ef953637ull, 0xaeaf52febe706065ull,
};

/* Products that do not wait for each other. In line, because a command has a dozen records. */
static inline __attribute__((always_inline)) uint64_t sum_of(const uint64_t *words)
{
	return words[0] * factors[0] + words[1] * factors[1] + words[2] * factors[2] +
	       words[3] * factors[3] + words[4] * factors[4] + words[5] * factors[5] +
	       words[6] * factors[6] + words[7] * factors[7];
}

/* The same of 64 bytes. */
static inline uint64_t sum_of_bytes(const uint8_t *data)
{
	return nvme_load_le64(data) * factors[0] + nvme_load_le64(data + 8) * factors[1] +
	       nvme_load_le64(data + 16) * factors[2] + nvme_load_le64(data + 24) * factors[3] +
	       nvme_load_le64(data + 32) * factors[4] + nvme_load_le64(data + 40) * factors[5] +
	       nvme_load_le64(data + 48) * factors[6] + nvme_load_le64(data + 56) * factors[7];
}

/* Not as good as nvme_mix(), and a quarter of its work; sim_run() ends with that. */
static uint64_t add_word(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * NVME_RANDOM_STEP;
	return hash ^ hash >> 29;
}

/* A call, because most records have none. */
static __attribute__((noinline)) void hash_data(uint64_t *hash,
						const struct nvme_trace_record *record)
{
	const uint8_t *data = record->data;
	uint32_t bytes = record->data_bytes;

	for (; bytes >= 64; bytes -= 64, data += 64)
		*hash = add_word(*hash, sum_of_bytes(data));
	for (; bytes > 0; bytes--, data++)
		*hash = add_word(*hash, *data);
}

static inline __attribute__((always_inline)) void hash_record(
	struct sim_result *result, const struct nvme_trace_record *record,
	enum nvme_trace_side side)
{
	uint64_t head = (uint64_t)record->event << 32 | record->ctrl;

	result->hash[side] = add_word(result->hash[side], sum_of(record->args) +
								  record->time_nsec * factors[8] +
								  head * factors[9]);
	result->records[side]++;
	if (record->data_bytes)
		hash_data(&result->hash[side], record);
}

static uint64_t key_of(uint64_t ctrl, uint64_t qid, uint64_t cid)
{
	return ctrl << 32 | (qid & 0xffff) << 16 | (cid & 0xffff);
}

/* A newer command may have taken the place: then nothing is said of the older one. */
static struct sim_followed *place_of(struct sim_world *world, uint64_t key)
{
	return &world->followed[((uint32_t)key ^ (uint32_t)(key >> 32)) * 0x9e3779b1u >> 20];
}

/* Where the operation is that a read or write belongs to, by its data; NULL for none. */
static struct sim_slot *slot_of(const struct sim_world *world,
				const struct nvme_trace_record *record)
{
	const uint8_t *sqe = record->data;
	uint64_t offset;

	if (record->args[0] == 0 || record->data_bytes < 64)
		return NULL;
	if (record->args[3] != NVME_CMD_READ && record->args[3] != NVME_CMD_WRITE &&
	    record->args[3] != NVME_CMD_COMPARE)
		return NULL;
	offset = nvme_load_le64(sqe + 24) - SIM_IOVA_DATA;
	return offset < world->data.bytes ? &world->app.slot[offset / world->slot_bytes] : NULL;
}

/* From now on the record's command is followed, and no other one that has the same place. */
static void follow(struct sim_world *world, const struct nvme_trace_record *record, uint32_t number)
{
	uint64_t key = key_of(record->ctrl, record->args[0], record->args[2]);
	struct sim_followed *place = place_of(world, key);

	if (place->key != key)
		world->app.op[place->op].pair |= SIM_PAIR_LOST;
	*place = (struct sim_followed){ key, number, record->args[3] == NVME_CMD_COMPARE };
}

/* The command with the first of the operation's blocks. */
static void first_fetched(struct sim_world *world, struct sim_slot *slot, uint32_t nlb)
{
	struct sim_op *op = &world->app.op[slot->op];
	uint32_t most = op->kind == SIM_OP_FUSED ? 1 : 1 + world->file->driver.max_retries;

	op->whole = nlb == op->nlb;
	if (op->cuts != world->medium.cuts && op->whole && op->kind != SIM_OP_FUSED)
		sim_history_again(slot);
	if (op->sent < UINT8_MAX && ++op->sent > most)
		sim_violation(world, SIM_ORACLE_RETRY, "a command was sent again too often",
			      slot->op, op->slba);
}

/* Calls, so that the records that are only hashed have no registers to save. */
static __attribute__((noinline)) void fetched(struct sim_world *world,
					      const struct nvme_trace_record *record)
{
	struct sim_slot *slot = slot_of(world, record);
	uint32_t number = slot ? slot->op : 0;
	struct sim_op *op = &world->app.op[number];
	const uint8_t *sqe = record->data;

	sim_count(world, record->ctrl, SIM_EMU_COMMANDS, 1);
	if (number == 0)
		return;
	follow(world, record, number);
	if (record->args[3] == NVME_CMD_COMPARE)
		return;
	if (op->refused)
		sim_violation(world, SIM_ORACLE_RETRY,
			      "a command was sent again although it was refused with Do Not Retry",
			      number, op->slba);
	if (nvme_load_le64(sqe + 40) == op->slba)
		first_fetched(world, slot, nvme_load_le16(sqe + 48) + 1u);
	op->answered = false;
}

/* The command that has this identifier; NULL for none. */
static const struct sim_followed *followed(struct sim_world *world, uint32_t ctrl, uint64_t qid,
					   uint64_t cid)
{
	uint64_t key = key_of(ctrl, qid, cid);
	const struct sim_followed *place = place_of(world, key);

	return qid != 0 && place->key == key ? place : NULL;
}

static __attribute__((noinline)) void posted(struct sim_world *world,
					     const struct nvme_trace_record *record)
{
	const struct sim_followed *place = followed(world, record->ctrl, record->args[3],
						    record->args[4]);

	if (place && !place->compares && (record->args[6] & NVME_DNR))
		world->app.op[place->op].refused = true;
}

static __attribute__((noinline)) void reaped(struct sim_world *world,
					     const struct nvme_trace_record *record)
{
	const struct sim_followed *place = followed(world, record->ctrl, record->args[0],
						    record->args[4]);
	uint16_t status = (uint16_t)record->args[6];
	struct sim_op *op;

	if (!place)
		return;
	op = &world->app.op[place->op];
	if (place->compares) {
		op->pair |= status == NVME_SC_SUCCESS				  ? SIM_PAIR_EQUAL
			    : nvme_status_code(status) == NVME_SC_COMPARE_FAILURE ? SIM_PAIR_UNEQUAL
										  : 0;
		return;
	}
	op->pair |= status == NVME_SC_SUCCESS ? SIM_PAIR_WRITTEN : 0;
	op->answered = true;
	op->answer = status;
}

static inline __attribute__((always_inline)) void tell(struct sim_world *world,
						       const struct nvme_trace_record *record,
						       enum nvme_trace_side side)
{
	const struct sim_options *options = world->options;

	hash_record(world->result, record, side);
	if (__builtin_expect(options && options->trace, 0))
		options->trace(options->trace_arg, record);
}

void sim_watch_controller(void *arg, const struct nvme_trace_record *record)
{
	struct sim_world *world = arg;

	tell(world, record, NVME_TRACE_CONTROLLER);
	emu_judge_record(world->judge, record);
	if (record->event == NVME_TRACE_SQE_FETCH)
		fetched(world, record);
	else if (record->event == NVME_TRACE_CQE_POST)
		posted(world, record);
	else if (record->event == NVME_TRACE_CTRL_SHUTDOWN &&
		 record->args[0] == NVME_CC_SHN_NORMAL &&
		 record->args[1] == NVME_CSTS_SHST_COMPLETE)
		sim_history_shutdown(world);
}

void sim_watch_driver(void *arg, const struct nvme_trace_record *record)
{
	struct sim_world *world = arg;
	uint32_t ctrl = record->ctrl;

	if (record->event == NVME_TRACE_NVL_SUBMIT) {
		sim_count(world, ctrl, SIM_DRIVER_SUBMITTED, 1);
		sim_count(world, ctrl, SIM_DRIVER_ABORTS,
			  record->args[0] == 0 && record->args[3] == OPCODE_ABORT);
	} else if (record->event == NVME_TRACE_NVL_COMPLETE) {
		reaped(world, record);
	} else if (record->event == NVME_TRACE_NVL_BAD_CQE) {
		sim_count(world, ctrl, SIM_DRIVER_STRAY, 1);
	} else if (record->event == NVME_TRACE_NVL_TIMEOUT) {
		sim_count(world, ctrl, SIM_DRIVER_TIMEOUTS, 1);
	}
	tell(world, record, NVME_TRACE_DRIVER);
}
