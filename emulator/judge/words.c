/* SPDX-License-Identifier: BSD-3-Clause */
/* Findings in words: a line for people, a JSON object for programs. */
#include "emulator/judge/judge.h"

const char *emu_judge_level_name(unsigned int level)
{
	static const char *const names[EMU_JUDGE_LEVELS] = {
		[EMU_JUDGE_VIOLATION] = "violation",
		[EMU_JUDGE_ADVICE] = "advice",
	};

	return level < EMU_JUDGE_LEVELS ? names[level] : NULL;
}

/* One of a rule's numbers: "name:kind", and what follows it. */
struct number {
	struct nvme_slice name;
	char kind;
};

/* Cuts the next number off @list; false when nothing is left. */
static bool next_number(const char **list, struct number *number)
{
	const char *at = *list;

	while (*at == ' ')
		at++;
	number->name = (struct nvme_slice){ at, 0 };
	while (at[number->name.bytes] && at[number->name.bytes] != ':')
		number->name.bytes++;
	if (!at[number->name.bytes])
		return false;
	number->kind = at[number->name.bytes + 1];
	*list = at + number->name.bytes + 2;
	return true;
}

static void add_named(struct nvme_text *text, const char *name, uint64_t value)
{
	nvme_text_add(text, name);
	nvme_text_u64(text, value);
}

static void add_opcode(struct nvme_text *text, const struct emu_judge_finding *finding)
{
	add_named(text, " cid ", finding->cid);
	nvme_text_add(text, " opcode ");
	nvme_text_hex_width(text, finding->opcode, 2);
	nvme_text_char(text, 'h');
}

void emu_judge_text(struct nvme_text *text, const struct emu_judge_finding *finding)
{
	const struct emu_judge_rule *rule = emu_judge_rule(finding->rule);
	const char *numbers = rule->numbers;
	struct number number;

	nvme_text_add(text, emu_judge_level_name(rule->level));
	nvme_text_char(text, ' ');
	nvme_text_add(text, rule->id);
	add_named(text, ": ctrl ", finding->ctrl);
	if (finding->has_queue)
		add_named(text, " qid ", finding->qid);
	if (finding->has_command)
		add_opcode(text, finding);
	add_named(text, " seq ", finding->seq);
	for (unsigned int i = 0; i < EMU_JUDGE_NUMBERS && next_number(&numbers, &number); i++) {
		nvme_text_char(text, ' ');
		nvme_text_slice(text, number.name);
		nvme_text_char(text, '=');
		if (number.kind == 'x')
			nvme_text_hex(text, finding->number[i]);
		else
			nvme_text_u64(text, finding->number[i]);
	}
	nvme_text_add(text, ": ");
	nvme_text_add(text, rule->sentence);
	nvme_text_add(text, " (");
	nvme_text_add(text, rule->clause);
	nvme_text_char(text, ')');
}

/* A text of the table, where nothing needs an escape. */
static void add_string(struct nvme_text *text, const char *name, const char *value)
{
	nvme_text_add(text, name);
	nvme_text_char(text, '"');
	nvme_text_add(text, value);
	nvme_text_char(text, '"');
}

/* What is printed in hexadecimal may have 64 bits, and is a string as in the trace. */
static void add_numbers(struct nvme_text *text, const struct emu_judge_finding *finding,
			const char *numbers)
{
	struct number number;

	for (unsigned int i = 0; i < EMU_JUDGE_NUMBERS && next_number(&numbers, &number); i++) {
		nvme_text_add(text, i ? ",\"" : "\"");
		nvme_text_slice(text, number.name);
		nvme_text_add(text, "\":");
		if (number.kind == 'x') {
			nvme_text_char(text, '"');
			nvme_text_hex(text, finding->number[i]);
			nvme_text_char(text, '"');
		} else {
			nvme_text_u64(text, finding->number[i]);
		}
	}
}

void emu_judge_json(struct nvme_text *text, const struct emu_judge_finding *finding)
{
	const struct emu_judge_rule *rule = emu_judge_rule(finding->rule);

	add_string(text, "{\"rule\":", rule->id);
	add_string(text, ",\"level\":", emu_judge_level_name(rule->level));
	add_string(text, ",\"clause\":", rule->clause);
	add_named(text, ",\"seq\":", finding->seq);
	nvme_text_add(text, ",\"time\":\"");
	nvme_text_hex(text, finding->time_nsec);
	add_named(text, "\",\"ctrl\":", finding->ctrl);
	if (finding->has_queue)
		add_named(text, ",\"qid\":", finding->qid);
	if (finding->has_command) {
		add_named(text, ",\"cid\":", finding->cid);
		add_named(text, ",\"opcode\":", finding->opcode);
	}
	nvme_text_add(text, ",\"numbers\":{");
	add_numbers(text, finding, rule->numbers);
	add_string(text, "},\"sentence\":", rule->sentence);
	nvme_text_char(text, '}');
}
