/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fault rules, common/fault.h: the input is a file of [fault NAME] groups. Each rule that is
 * accepted is written, read and written again: the two texts are equal. Then the rules are asked,
 * at every site, about what the rest of the input says.
 */
#include "common/fault.h"
#include "common/ini.h"
#include "tests/fuzz/input.h"

#define RULES_MAX  16u
#define TEXT_BYTES 8192u

struct rules {
	struct nvme_fault_rule rule[RULES_MAX];
	uint32_t count;
};

static bool begin(void *arg, struct nvme_slice kind, struct nvme_slice name, uint32_t line,
		  struct nvme_text *message)
{
	struct rules *rules = arg;

	(void)line;
	return nvme_slice_is(kind, "fault") && rules->count < RULES_MAX &&
	       nvme_fault_begin(&rules->rule[rules->count++], name, message);
}

static bool set(void *arg, struct nvme_slice key, struct nvme_slice value, uint32_t line,
		struct nvme_text *message)
{
	struct rules *rules = arg;

	(void)line;
	return nvme_fault_set_key(&rules->rule[rules->count - 1], key, value, message);
}

/* The rules of @data; false when something is refused. */
static bool read_rules(const char *data, size_t bytes, struct rules *rules)
{
	const struct nvme_ini_ops ops = { rules, begin, set };
	struct nvme_ini_error error;
	struct nvme_text message;
	char buffer[512];

	rules->count = 0;
	if (nvme_ini_parse(data, bytes, &ops, &error) != NVME_INI_OK)
		return false;
	nvme_text_init(&message, buffer, sizeof(buffer));
	for (uint32_t i = 0; i < rules->count; i++) {
		if (!nvme_fault_check(&rules->rule[i], &message))
			return false;
	}
	return nvme_fault_check_set(rules->rule, rules->count, &message);
}

static void check_print(const struct nvme_fault_rule *rule)
{
	static char once[TEXT_BYTES], again[TEXT_BYTES];
	static struct rules back;
	struct nvme_text text;
	struct nvme_ini_error error;
	const struct nvme_ini_ops ops = { &back, begin, set };

	nvme_text_init(&text, once, sizeof(once));
	nvme_fault_print(rule, &text);
	th_claim(!text.cut, "a rule is not that long");
	back.count = 0;
	th_claim(nvme_ini_parse(once, text.used, &ops, &error) == NVME_INI_OK && back.count == 1,
		 "what was written is read");
	nvme_text_init(&text, again, sizeof(again));
	nvme_fault_print(&back.rule[0], &text);
	th_claim(strcmp(once, again) == 0, "and says the same");
}

static void ask(struct rules *rules, struct th_input in)
{
	static struct nvme_fault_state state[RULES_MAX];
	struct nvme_fault_set all = {
		.seed = 1, .count = rules->count, .rule = rules->rule, .state = state
	};
	struct nvme_fault_view view = { 0 };

	nvme_fault_reset(&all);
	for (unsigned int i = 0; i < NVME_FAULT_FIELDS; i++)
		nvme_fault_put(&view, (enum nvme_fault_field)i, th_u8(&in) * 0x0101010101010101u);
	all.budget.limits = th_u8(&in) % (1u << NVME_LIMITS);
	for (unsigned int i = 0; i < NVME_LIMITS; i++) {
		all.budget.low[i] = th_u8(&in);
		all.budget.high[i] = all.budget.low[i] + th_u8(&in);
	}
	for (unsigned int site = 0; site < NVME_SITES; site++) {
		uint32_t at = 0;

		while (nvme_fault_next(&all, &at, (enum nvme_fault_site)site, &view, 1000))
			th_claim(at <= rules->count, "a rule of the set");
	}
	for (uint32_t i = 0; i < rules->count; i++)
		th_claim(state[i].fired <= state[i].matches && state[i].matches <= 1,
			 "each rule is at one site");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rules rules;

	if (!read_rules((const char *)data, size, &rules))
		return 0;
	for (uint32_t i = 0; i < rules.count; i++)
		check_print(&rules.rule[i]);
	ask(&rules, (struct th_input){ data, size });
	return 0;
}
