/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Prints the parts of the documentation that come from tables:
 *
 *	generate config          docs/config.md
 *	generate implemented     the table in README.md: what a controller answers that is asked for
 *				 everything
 *	generate events          the table in docs/trace.md
 *	generate fault-sites     a table in docs/faults.md; likewise fault-fields, fault-actions
 *	generate scenario-groups a table in docs/scenario.md; likewise scenario-keys,
 *				 scenario-budget, scenario-classes, scenario-patterns,
 *				 scenario-tasks, scenario-counters, scenario-oracles
 *	generate judge-rules     the table in docs/judge.md
 *	generate driver-keys     the table in docs/nvmelab.md
 *	generate parameters      the same in man/libnvmelab.3
 *	generate namespace-keys  parts of man/nvmelab-emulator.1; and keys, and profiles
 *
 * tools/docs.sh puts them in their places, and `tools/docs.sh --check` finds what is out of date.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fault.h"
#include "common/nvme_names.h"
#include "common/nvme_spec.h"
#include "common/scenario.h"
#include "common/trace.h"
#include "driver/transport/device.h"
#include "emulator/core/config.h"
#include "emulator/device/device.h"
#include "emulator/judge/judge.h"
#include "tests/sim/lists.h"

#define PAGE 4096u

static void fail(const char *what)
{
	fprintf(stderr, "generate: %s\n", what);
	exit(1);
}

static void print_allowed(const struct emu_key *key)
{
	char buffer[128];
	struct nvme_text text;

	nvme_text_init(&text, buffer, sizeof(buffer));
	emu_config_allowed(key, &text);
	fputs(buffer, stdout);
}

static void print_default(const struct emu_config *config, const struct emu_key *key)
{
	char buffer[256];
	struct nvme_text text;

	nvme_text_init(&text, buffer, sizeof(buffer));
	emu_config_print(config, key, &text);
	printf("%s", buffer[0] ? buffer : "(empty)");
}

static void print_keys(void)
{
	struct emu_config config;
	const struct emu_key *key;

	emu_config_init(&config);
	printf("| key | allowed | unit | default | meaning |\n|---|---|---|---|---|\n");
	for (unsigned int i = 0; (key = emu_config_key(i)); i++) {
		printf("| `%s` | ", key->name);
		print_allowed(key);
		printf(" | %s | ", key->unit);
		print_default(&config, key);
		printf(" | %s |\n", key->help);
	}
}

/* What a profile sets that is not the default. */
static void print_profile(const char *name)
{
	struct emu_config defaults, config;
	const struct emu_key *key;
	struct nvme_text left, right;
	char a[256], b[256];
	bool any = false;

	emu_config_init(&defaults);
	emu_config_init(&config);
	nvme_text_init(&left, a, sizeof(a));
	if (emu_config_profile(&config, name, &left) != 0)
		fail("a profile cannot be loaded");
	for (unsigned int i = 0; (key = emu_config_key(i)); i++) {
		nvme_text_init(&left, a, sizeof(a));
		nvme_text_init(&right, b, sizeof(b));
		emu_config_print(&defaults, key, &left);
		emu_config_print(&config, key, &right);
		if (strcmp(a, b) == 0)
			continue;
		printf("%s`%s=%s`", any ? ", " : "", key->name, b);
		any = true;
	}
	printf("%s", any ? "" : "the defaults above");
}

static void print_config(void)
{
	const char *profile;
	const struct emu_ns_key *ns;

	printf("<!-- Made by tools/docs.sh from the tables; changes belong there. -->\n\n"
	       "# Configuration\n\n"
	       "A controller is configured by keys: `nvmelab-emulator --controller KEY=VALUE,...`, "
	       "and the same for\n"
	       "the emulator inside `nvmelab`. A value out of its range is refused with a sentence "
	       "that says what\n"
	       "is allowed. Values are maxima: memory is taken for them whether a host uses them "
	       "or not.\n"
	       "Durations have a unit: `5us`, `10ms`, `2s`. Sizes may have K, M, G, T or P (powers "
	       "of 1024).\n\n"
	       "## Keys\n\n");
	print_keys();
	printf("\n## Profiles\n\n`--profile NAME` sets all keys at once; `--controller` changes "
	       "some of them.\n\n"
	       "| profile | is | sets |\n|---|---|---|\n");
	for (unsigned int i = 0; (profile = emu_profile_name(i)); i++) {
		printf("| `%s` | %s | ", profile, emu_profile_help(i));
		print_profile(profile);
		printf(" |\n");
	}
	printf("\n## Namespaces\n\n`--ns KEY=VALUE,...`, once for each namespace; `,,` is a comma "
	       "in "
	       "a value.\n\n"
	       "| key | value | meaning |\n|---|---|---|\n");
	for (unsigned int i = 0; (ns = emu_ns_key(i)); i++)
		printf("| `%s` | %s | %s |\n", ns->name, ns->value, ns->help);
}

/* Text for a manual page: what troff would take for its own is escaped. */
static void print_roff(const char *text)
{
	for (; *text; text++) {
		if (*text == '-')
			printf("\\-");
		else if (*text == '\\')
			printf("\\e");
		else
			putchar(*text);
	}
}

static void print_roff_item(const char *name, const char *value)
{
	printf(".TP\n.BI ");
	print_roff(name);
	printf("= ");
	print_roff(value);
	printf("\n");
}

static void print_roff_namespaces(void)
{
	const struct emu_ns_key *ns;

	for (unsigned int i = 0; (ns = emu_ns_key(i)); i++) {
		print_roff_item(ns->name, ns->value);
		print_roff(ns->help);
		printf("\n");
	}
}

static void print_roff_keys(void)
{
	char allowed[128], value[256];
	struct emu_config config;
	const struct emu_key *key;
	struct nvme_text text;

	emu_config_init(&config);
	for (unsigned int i = 0; (key = emu_config_key(i)); i++) {
		nvme_text_init(&text, allowed, sizeof(allowed));
		emu_config_allowed(key, &text);
		nvme_text_init(&text, value, sizeof(value));
		emu_config_print(&config, key, &text);
		print_roff_item(key->name, "VALUE");
		print_roff(key->help);
		printf("%s", key->unit[0] ? ", in " : "");
		print_roff(key->unit);
		printf(": ");
		print_roff(allowed);
		printf("; default: ");
		print_roff(value[0] ? value : "empty");
		printf(".\n");
	}
}

static void print_roff_driver_keys(void)
{
	char allowed[128], value[64];
	struct nvl_config defaults;
	const struct nvl_key *key;
	struct nvme_text text;

	nvl_config_init(&defaults);
	for (unsigned int i = 0; (key = nvl_config_key(i)); i++) {
		nvme_text_init(&text, allowed, sizeof(allowed));
		nvl_config_allowed(key, &text);
		nvme_text_init(&text, value, sizeof(value));
		nvl_config_print(&defaults, key, &text);
		printf(".TP\n.B ");
		print_roff(key->name);
		printf("\n");
		print_roff(key->help);
		printf(": ");
		print_roff(allowed);
		printf("; default: ");
		print_roff(value);
		printf(".\n");
	}
}

static void print_roff_profiles(void)
{
	const char *profile;

	for (unsigned int i = 0; (profile = emu_profile_name(i)); i++) {
		printf(".TP\n.B ");
		print_roff(profile);
		printf("\n");
		print_roff(emu_profile_help(i));
		printf("\n");
	}
}

static void print_events(void)
{
	struct nvme_trace_arg args[NVME_TRACE_ARGS];
	const char *name;

	printf("| event | arguments |\n|---|---|\n");
	for (unsigned int event = 0; (name = nvme_trace_name(event)); event++) {
		unsigned int count = nvme_trace_args(event, args);

		printf("| `%s` |", name);
		for (unsigned int i = 0; i < count; i++)
			printf(" %s%s", args[i].name, args[i].kind == 'q' ? " (64 bits)" : "");
		printf(" |\n");
	}
}

/* Names of the fields in a mask. */
static void print_fields(uint64_t fields)
{
	const char *comma = " ";

	for (unsigned int i = 0; nvme_fault_field_name(i); i++) {
		if (!(fields >> i & 1))
			continue;
		printf("%s`%s`", comma, nvme_fault_field_name(i));
		comma = ", ";
	}
	printf(" |");
}

static void print_fault_sites(void)
{
	printf("| site | when | can be changed | actions of this site |\n|---|---|---|---|\n");
	for (unsigned int site = 0; nvme_fault_site_name(site); site++) {
		const char *comma = " ";

		printf("| `%s` | %s |", nvme_fault_site_name(site), nvme_fault_site_help(site));
		print_fields(nvme_fault_site_assigns(site));
		for (unsigned int i = NVME_DO_ASSIGN + 1; nvme_fault_action_name(i); i++) {
			if (nvme_fault_is_everywhere(i) || !nvme_fault_site_does(site, i))
				continue;
			printf("%s`%s`", comma, nvme_fault_action_name(i));
			comma = ", ";
		}
		printf(" |\n");
	}
}

static void print_fault_fields(void)
{
	printf("| field | meaning |\n|---|---|\n");
	for (unsigned int i = 0; nvme_fault_field_name(i); i++)
		printf("| `%s` | %s |\n", nvme_fault_field_name(i), nvme_fault_field_help(i));
}

static void print_fault_actions(void)
{
	printf("| action | where | meaning |\n|---|---|---|\n");
	for (unsigned int i = NVME_DO_ASSIGN + 1; nvme_fault_action_name(i); i++)
		printf("| `%s` | %s | %s |\n", nvme_fault_action_name(i),
		       nvme_fault_is_everywhere(i) ? "everywhere" : "see above",
		       nvme_fault_action_help(i));
}

static void print_scenario_groups(void)
{
	printf("| group | meaning |\n|---|---|\n");
	for (unsigned int i = 0; nvme_scenario_group_name(i); i++) {
		const char *name = i == NVME_GROUP_NAMESPACE ? " N" : "";

		printf("| `[%s%s]` | %s |\n", nvme_scenario_group_name(i),
		       i == NVME_GROUP_FAULT ? " NAME" : name, nvme_scenario_group_help(i));
	}
}

static void print_scenario_keys(void)
{
	printf("| key | meaning |\n|---|---|\n");
	for (unsigned int i = 0; nvme_scenario_key_name(i); i++)
		printf("| `%s` | %s |\n", nvme_scenario_key_name(i), nvme_scenario_key_help(i));
}

static void print_scenario_budget(void)
{
	printf("| key | faults happen only |\n|---|---|\n");
	for (unsigned int i = 0; nvme_fault_budget_key(i); i++)
		printf("| `%s` | %s |\n", nvme_fault_budget_key(i), nvme_fault_budget_help(i));
}

static void print_scenario_classes(void)
{
	printf("| class | what a good driver makes of the faults |\n|---|---|\n");
	for (unsigned int i = NVME_CLASS_NONE + 1; nvme_scenario_class_name(i); i++)
		printf("| `%s` | %s |\n", nvme_scenario_class_name(i), nvme_scenario_class_help(i));
}

/* Lists of the simulator: symbol, name, help. */
#define SIM_ROW(symbol, name, help) "| `" name "` | " help " |\n"

static void print_scenario_patterns(void)
{
	fputs("| pattern | operations |\n|---|---|\n" SIM_PATTERN_LIST(SIM_ROW), stdout);
}

static void print_scenario_tasks(void)
{
	fputs("| task | what is done |\n|---|---|\n" SIM_TASK_LIST(SIM_ROW), stdout);
}

static void print_scenario_counters(void)
{
	fputs("| count | of what |\n|---|---|\n" SIM_COUNTER_LIST(SIM_ROW), stdout);
}

static void print_scenario_oracles(void)
{
	fputs("| oracle | what it holds |\n|---|---|\n" SIM_ORACLE_LIST(SIM_ROW), stdout);
}

static void print_driver_keys(void)
{
	char allowed[128], value[64];
	struct nvl_config defaults;
	const struct nvl_key *key;
	struct nvme_text text;

	nvl_config_init(&defaults);
	printf("| parameter | allowed | default | meaning |\n|---|---|---|---|\n");
	for (unsigned int i = 0; (key = nvl_config_key(i)); i++) {
		nvme_text_init(&text, allowed, sizeof(allowed));
		nvl_config_allowed(key, &text);
		nvme_text_init(&text, value, sizeof(value));
		nvl_config_print(&defaults, key, &text);
		printf("| `%s` | %s | %s | %s |\n", key->name, allowed, value, key->help);
	}
}

/* A row of the table of what is implemented: names behind each other. */
struct row {
	bool any;
};

static void begin(struct row *row, const char *what)
{
	printf("| %s | ", what);
	row->any = false;
}

static void add(struct row *row, const char *name, unsigned int number)
{
	printf("%s%s (%02Xh)", row->any ? ", " : "", name, number);
	row->any = true;
}

static void end(void)
{
	printf(" |\n");
}

static void read_log(struct nvl_ctrl *ctrl, uint8_t lid, uint8_t *page)
{
	struct nvl_log log = { .lid = lid, .nsid = NVME_NSID_ALL };

	memset(page, 0, PAGE);
	if (nvl_get_log(ctrl, &log, page, PAGE) != 0)
		fail("a log page cannot be read");
}

static void print_effects(struct nvl_ctrl *ctrl, uint8_t *page)
{
	const struct nvme_effects_log *effects = (const void *)page;
	struct row row;

	read_log(ctrl, NVME_LID_EFFECTS, page);
	begin(&row, "Admin commands");
	for (unsigned int i = 0; i < 256; i++) {
		if (nvme_cpu32(effects->acs[i]))
			add(&row, nvme_admin_opcode_name((uint8_t)i), i);
	}
	end();
	begin(&row, "NVM commands");
	for (unsigned int i = 0; i < 256; i++) {
		if (nvme_cpu32(effects->iocs[i]))
			add(&row, nvme_nvm_opcode_name((uint8_t)i), i);
	}
	end();
}

static void print_identify(struct nvl_ctrl *ctrl, uint8_t *page)
{
	struct row row;

	begin(&row, "Identify");
	for (unsigned int cns = 0; cns < 256; cns++) {
		struct nvl_identify identify = { .cns = (uint8_t)cns };

		identify.nsid = cns == NVME_CNS_ACTIVE_NS_LIST || cns == NVME_CNS_ACTIVE_NS_LIST_CSI
					? 0
					: 1;
		if (nvl_identify(ctrl, &identify, page) == 0)
			add(&row, nvme_cns_name((uint8_t)cns), cns);
	}
	end();
}

static void print_logs_and_features(struct nvl_ctrl *ctrl, uint8_t *page)
{
	const struct nvme_supported_logs *logs = (const void *)page;
	const struct nvme_fid_effects_log *features = (const void *)page;
	struct row row;

	read_log(ctrl, NVME_LID_SUPPORTED_LOGS, page);
	begin(&row, "Log pages");
	for (unsigned int i = 0; i < 256; i++) {
		if (nvme_cpu32(logs->lid_support[i]))
			add(&row, nvme_log_name((uint8_t)i), i);
	}
	end();
	read_log(ctrl, NVME_LID_FID_EFFECTS, page);
	begin(&row, "Features");
	for (unsigned int i = 0; i < 256; i++) {
		if (nvme_cpu32(features->fid_support[i]))
			add(&row, nvme_feature_name((uint8_t)i), i);
	}
	end();
}

/* A register that CAP says is not there is left out. */
static bool has_register(uint64_t cap, uint32_t offset)
{
	if (offset == NVME_REG_NSSR)
		return NVME_GET(cap, NVME_CAP_NSSRS);
	if (offset >= NVME_REG_BPINFO && offset <= NVME_REG_BPMBL)
		return NVME_GET(cap, NVME_CAP_BPS);
	if (offset == NVME_REG_NSSD)
		return NVME_GET(cap, NVME_CAP_NSSS);
	if (offset == NVME_REG_CRTO)
		return NVME_GET(cap, NVME_CAP_CRMS);
	if (offset >= NVME_REG_PMRCAP)
		return NVME_GET(cap, NVME_CAP_PMRS);
	if (offset == NVME_REG_CMBLOC || offset == NVME_REG_CMBSZ ||
	    (offset >= NVME_REG_CMBMSC && offset <= NVME_REG_CMBSWTP))
		return NVME_GET(cap, NVME_CAP_CMBS);
	return true;
}

static void print_registers(struct nvl_ctrl *ctrl)
{
	static const uint32_t offsets[] = {
#define NVME_ROW(name, offset, bytes, clause) offset,
		NVME_REGISTER_LIST(NVME_ROW)
#undef NVME_ROW
	};
	uint64_t cap = nvl_reg_read(ctrl, NVME_REG_CAP, 8);
	struct row row;

	begin(&row, "Registers");
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		if (has_register(cap, offsets[i]))
			add(&row, nvme_register_name(offsets[i]), offsets[i]);
	}
	end();
}

static void print_implemented(void)
{
	static uint8_t page[PAGE] __attribute__((aligned(8)));
	struct nvl_device_options options;
	struct nvl_device *device;
	struct nvme_text error;
	char buffer[256];

	nvme_text_init(&error, buffer, sizeof(buffer));
	nvl_device_options_init(&options);
	if (nvl_device_open(&options, &device, &error) != 0)
		fail(buffer);
	printf("| | |\n|---|---|\n");
	print_registers(nvl_device_ctrl(device));
	print_effects(nvl_device_ctrl(device), page);
	print_identify(nvl_device_ctrl(device), page);
	print_logs_and_features(nvl_device_ctrl(device), page);
	nvl_device_close(device);
}

/* "old:d new:x" as names alone. */
static void print_numbers(const char *numbers)
{
	const char *comma = "";

	while (*numbers) {
		int length = (int)strcspn(numbers, ":");

		printf("%s%.*s", comma, length, numbers);
		comma = ", ";
		numbers += length + 2;
		numbers += *numbers == ' ';
	}
}

static void print_judge_rules(void)
{
	const struct emu_judge_rule *rule;

	printf("| rule | level | clause | numbers | what the driver did |\n"
	       "|---|---|---|---|---|\n");
	for (unsigned int i = 0; (rule = emu_judge_rule(i)); i++) {
		printf("| `%s` | %s | %s | ", rule->id, emu_judge_level_name(rule->level),
		       rule->clause);
		print_numbers(rule->numbers);
		printf(" | %s |\n", rule->sentence);
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*print)(void);
	} parts[] = {
		{ "config", print_config },
		{ "implemented", print_implemented },
		{ "events", print_events },
		{ "namespace-keys", print_roff_namespaces },
		{ "keys", print_roff_keys },
		{ "profiles", print_roff_profiles },
		{ "driver-keys", print_driver_keys },
		{ "parameters", print_roff_driver_keys },
		{ "fault-sites", print_fault_sites },
		{ "fault-fields", print_fault_fields },
		{ "fault-actions", print_fault_actions },
		{ "scenario-groups", print_scenario_groups },
		{ "scenario-keys", print_scenario_keys },
		{ "scenario-budget", print_scenario_budget },
		{ "scenario-classes", print_scenario_classes },
		{ "scenario-patterns", print_scenario_patterns },
		{ "scenario-tasks", print_scenario_tasks },
		{ "scenario-counters", print_scenario_counters },
		{ "scenario-oracles", print_scenario_oracles },
		{ "judge-rules", print_judge_rules },
	};

	for (size_t i = 0; argc == 2 && i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strcmp(argv[1], parts[i].name) != 0)
			continue;
		parts[i].print();
		return fflush(stdout) == 0 ? 0 : 1;
	}
	fprintf(stderr, "usage: generate "
			"config|implemented|events|driver-keys|fault-sites|fault-fields|"
			"fault-actions|scenario-groups|scenario-keys|scenario-budget|"
			"scenario-classes|scenario-patterns|scenario-tasks|scenario-counters|"
			"scenario-oracles|"
			"judge-rules|namespace-keys|keys|profiles|parameters\n");
	return 2;
}
