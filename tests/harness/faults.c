/* SPDX-License-Identifier: BSD-3-Clause */
/* See faults.h. */
#include "tests/harness/faults.h"

#include <stdio.h>
#include <string.h>

#include "common/ini.h"

#define RULES 8

struct rules {
	struct nvme_fault_rule rule[RULES];
	uint32_t count;
};

static bool begin(void *arg, struct nvme_slice kind, struct nvme_slice name, uint32_t line,
		  struct nvme_text *message)
{
	struct rules *rules = arg;

	(void)line;
	ck_assert(nvme_slice_is(kind, "fault") && rules->count < RULES);
	return nvme_fault_begin(&rules->rule[rules->count++], name, message);
}

static bool set(void *arg, struct nvme_slice key, struct nvme_slice value, uint32_t line,
		struct nvme_text *message)
{
	struct rules *rules = arg;

	(void)line;
	return nvme_fault_set_key(&rules->rule[rules->count - 1], key, value, message);
}

void th_faults(struct th_host *host, const char *text)
{
	static struct rules rules;
	const struct nvme_ini_ops ops = { &rules, begin, set };
	struct nvme_ini_error error;
	struct nvme_text message;
	char buffer[300];

	rules.count = 0;
	if (nvme_ini_parse(text, strlen(text), &ops, &error) != NVME_INI_OK)
		ck_abort_msg("line %u: %s", error.line, error.message);
	nvme_text_init(&message, buffer, sizeof(buffer));
	for (uint32_t i = 0; i < rules.count; i++)
		ck_assert_msg(nvme_fault_check(&rules.rule[i], &message), "%s", buffer);
	ck_assert_msg(nvme_fault_check_set(rules.rule, rules.count, &message), "%s", buffer);
	ck_assert_int_eq(emu_fault_load(th_emu(host), rules.rule, rules.count, 1), 0);
}

void th_fault(struct th_host *host, const char *keys)
{
	char text[512];

	snprintf(text, sizeof(text), "[fault r]\n%s", keys);
	th_faults(host, text);
}

uint64_t th_fired(struct th_host *host, const char *name)
{
	const struct nvme_fault_set *set = emu_fault_set(th_emu(host));

	for (uint32_t i = 0; i < set->count; i++) {
		if (strcmp(set->rule[i].name, name) == 0)
			return set->state[i].fired;
	}
	ck_abort_msg("no rule %s", name);
}
