/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Records for the judge, emulator/judge: each is a byte for the event of the list below and the
 * controller, its arguments in a short form, and a submission queue entry or list where it has one.
 * Whatever they are: what is counted was told, and each finding has its words.
 */
#include <stdlib.h>

#include "emulator/judge/judge.h"
#include "tests/fuzz/input.h"

#define RECORDS_MAX 4096u
#define DATA_BYTES  64u

static const uint16_t events[] = {
	NVME_TRACE_REG_READ,	  NVME_TRACE_REG_WRITE,	   NVME_TRACE_REG_REFUSED,
	NVME_TRACE_SQ_DOORBELL,	  NVME_TRACE_CQ_DOORBELL,  NVME_TRACE_DB_REFUSED,
	NVME_TRACE_SQE_FETCH,	  NVME_TRACE_PRP_LIST,	   NVME_TRACE_PRP_RESOLVED,
	NVME_TRACE_SGL_SEGMENT,	  NVME_TRACE_CQE_POST,	   NVME_TRACE_CTRL_ENABLE,
	NVME_TRACE_CTRL_READY,	  NVME_TRACE_CTRL_DISABLE, NVME_TRACE_CTRL_RESET,
	NVME_TRACE_CTRL_STATE,	  NVME_TRACE_CQ_RESTORE,   NVME_TRACE_SQ_RESTORE,
	NVME_TRACE_CTRL_FATAL,	  NVME_TRACE_CTRL_STALL,   NVME_TRACE_FAULT,
	NVME_TRACE_CTRL_SHUTDOWN,
};
#define EVENTS (sizeof(events) / sizeof(events[0]))

static void take_finding(void *arg, const struct emu_judge_finding *finding)
{
	uint64_t *told = arg;
	char buffer[EMU_JUDGE_TEXT_BYTES];
	struct nvme_text text;

	++*told;
	th_claim(finding->rule < EMU_RULES, "a rule of the table");
	nvme_text_init(&text, buffer, sizeof(buffer));
	emu_judge_text(&text, finding);
	th_claim(!text.cut && text.used > 0, "a line for people");
	nvme_text_init(&text, buffer, sizeof(buffer));
	emu_judge_json(&text, finding);
	th_claim(!text.cut && text.used > 0, "a line for programs");
}

/* Most arguments are small; a byte above F8h says that a wide one follows. */
static uint64_t take_argument(struct th_input *in)
{
	uint8_t byte = th_u8(in);

	if (byte < 0xf8)
		return byte;
	return th_number(in, byte - 0xf7u);
}

static void take_record(struct th_input *in, struct emu_judge *judge, uint64_t seq)
{
	uint8_t which = th_u8(in);
	struct nvme_trace_record record = {
		.seq = seq,
		.event = events[which % EVENTS],
		.side = NVME_TRACE_CONTROLLER,
		.ctrl = which / EVENTS % 3,
	};
	struct nvme_trace_arg names[NVME_TRACE_ARGS];
	unsigned int args = nvme_trace_args(record.event, names);
	const uint8_t *data;
	bool has_data = record.event == NVME_TRACE_SQE_FETCH ||
			record.event == NVME_TRACE_PRP_LIST ||
			record.event == NVME_TRACE_SGL_SEGMENT;

	for (unsigned int i = 0; i < args; i++)
		record.args[i] = take_argument(in);
	if (has_data) {
		record.data_bytes = (uint32_t)th_take(in, DATA_BYTES, &data);
		record.data = data;
	}
	emu_judge_record(judge, &record);
}

static void check_counts(const struct emu_judge *judge, uint64_t told)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; emu_judge_rule(i); i++)
		sum += emu_judge_count(judge, i);
	th_claim(sum == told, "what is counted was told");
	th_claim(emu_judge_total(judge, EMU_JUDGE_VIOLATION) +
				 emu_judge_total(judge, EMU_JUDGE_ADVICE) ==
			 told,
		 "each rule has its level");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct th_input in = { data, size };
	struct emu_config config;
	uint64_t told = 0;
	const struct emu_judge_ops ops = { .arg = &told, .found = take_finding };
	struct emu_judge *judge;
	size_t bytes;
	void *block;

	emu_config_init(&config);
	config.controllers = 2;
	config.queues = 7;
	config.max_requests = 16; /* the table of commands in flight gets full */
	bytes = emu_judge_size(&config);
	th_claim(bytes > 0, "the configuration is good");
	block = aligned_alloc(64, bytes);
	th_claim(block != NULL, "there is memory");
	judge = emu_judge_init(block, &config, &ops);
	for (uint64_t seq = 0; in.bytes > 0 && seq < RECORDS_MAX; seq++)
		take_record(&in, judge, seq);
	check_counts(judge, told);
	free(block);
	return 0;
}
