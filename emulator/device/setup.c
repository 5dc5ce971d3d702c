/* SPDX-License-Identifier: BSD-3-Clause */
/* A subsystem as the text of a scenario: the keys that the command line and scenarios have. */
#include "emulator/device/setup.h"

#include <string.h>

#include "emulator/device/say.h"

#define VALUE_BYTES 512u

/* The value of @key as text; Return: it, in @buffer. */
static const char *value_of(const struct emu_config *config, const struct emu_key *key,
			    char *buffer)
{
	struct nvme_text text;

	nvme_text_init(&text, buffer, VALUE_BYTES);
	emu_config_print(config, key, &text);
	return text.data;
}

static void print_keys(const struct emu_config *config, struct nvme_text *text)
{
	char value[VALUE_BYTES], usual[VALUE_BYTES];
	struct emu_config defaults;
	const struct emu_key *key;

	emu_config_init(&defaults);
	emu_say(text, 0, "[controller]\n");
	for (unsigned int i = 0; (key = emu_config_key(i)); i++) {
		if (strcmp(value_of(config, key, value), value_of(&defaults, key, usual)) != 0)
			emu_say(text, 0, "%s = %s\n", key->name, value);
	}
}

static void print_attached(const struct emu_ns_config *ns, struct nvme_text *text)
{
	const char *before = "ctrl = ";

	if (ns->detached)
		emu_say(text, 0, "ctrl = none\n");
	for (unsigned int i = 0; i < EMU_MAX_CONTROLLERS; i++) {
		if (!(ns->attached >> i & 1))
			continue;
		emu_say(text, 0, "%s%u", before, i + 1);
		before = "+";
	}
	if (ns->attached)
		emu_say(text, 0, "\n");
}

static void print_namespace(const struct emu_ns_config *ns, struct nvme_text *text)
{
	static const char *const guards[] = { "16", "32", "64" };

	emu_say(text, 0, "[namespace %u]\nsize = %llu\nlba = %u\n", ns->nsid,
		(unsigned long long)ns->blocks << ns->lbads, 1u << ns->lbads);
	if (ns->ms)
		emu_say(text, 0, "ms = %u\npi = %u\nguard = %s\npil = %s\nmeta = %s\n", ns->ms,
			ns->pi, guards[ns->pif % 3], ns->pi_first ? "first" : "last",
			ns->extended ? "extended" : "separate");
	if (ns->lbstm_clear)
		emu_say(text, 0, "lbstm = 0x%llx\n", ~(unsigned long long)ns->lbstm_clear);
	if (ns->exclusive)
		emu_say(text, 0, "share = private\n");
	if (ns->anagrpid > 1)
		emu_say(text, 0, "anagrp = %u\n", ns->anagrpid);
	print_attached(ns, text);
}

void emu_setup_print(const struct emu_config *config, const struct emu_scenario *scenario,
		     struct nvme_text *text)
{
	emu_say(text, 0, "[scenario]\nformat = 1\nseed = 0x%llx\n",
		(unsigned long long)config->seed);
	print_keys(config, text);
	for (uint32_t i = 0; i < config->namespaces; i++)
		print_namespace(&config->ns[i], text);
	if (scenario)
		emu_scenario_print_faults(scenario, text);
}
