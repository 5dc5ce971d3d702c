/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands that print tables: sites, fields, actions, oracles, counters, patterns, tasks. */
#include "common/fault.h"
#include "tests/sim/cli/program.h"
#include "tests/sim/sim.h"

#define NAME_COLUMNS 18

/* A table: its names and what they mean, and what JSON and text say besides; NULL for nothing. */
struct list {
	const char *(*name)(unsigned int row);
	const char *(*help)(unsigned int row);
	void (*add)(JsonBuilder *builder, unsigned int row);
	void (*print)(struct cli_output *out, unsigned int row);
};

static bool print_list(struct cli *cli, const struct list *list)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_array(builder);
	for (unsigned int i = 0; list->name(i); i++) {
		if (!cli->out->json) {
			cli_print(cli->out, "%-*s %s\n", NAME_COLUMNS, list->name(i),
				  list->help(i));
			if (list->print)
				list->print(cli->out, i);
			continue;
		}
		json_builder_begin_object(builder);
		cli_add_text(builder, "name", list->name(i));
		cli_add_text(builder, "help", list->help(i));
		if (list->add)
			list->add(builder, i);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	if (cli->out->json)
		cli_print_json(cli->out, builder);
	return true;
}

/* A predicate that chooses rows of another table: a bit of a mask, or an action of a site. */
static bool is_field(uint64_t fields, unsigned int row)
{
	return (fields >> row & 1) != 0;
}

static bool is_own_action(unsigned int site, unsigned int action)
{
	return action != NVME_DO_ASSIGN && !nvme_fault_is_everywhere(action) &&
	       nvme_fault_site_does(site, action);
}

static void add_fields(JsonBuilder *builder, const char *key, uint64_t fields)
{
	cli_json_array(builder, key);
	for (unsigned int i = 0; nvme_fault_field_name(i); i++) {
		if (is_field(fields, i))
			json_builder_add_string_value(builder, nvme_fault_field_name(i));
	}
	json_builder_end_array(builder);
}

static void add_site(JsonBuilder *builder, unsigned int site)
{
	add_fields(builder, "when", nvme_fault_site_fields(site));
	add_fields(builder, "assigns", nvme_fault_site_assigns(site));
	cli_json_array(builder, "actions");
	for (unsigned int i = 0; nvme_fault_action_name(i); i++) {
		if (i != NVME_DO_ASSIGN && nvme_fault_site_does(site, i))
			json_builder_add_string_value(builder, nvme_fault_action_name(i));
	}
	json_builder_end_array(builder);
}

static void print_words(struct cli_output *out, const char *title, const GString *words)
{
	g_autofree char *text = g_strdup_printf("%s:%s", title, words->str);

	if (words->len == 0)
		return;
	cli_print(out, "%*s", NAME_COLUMNS + 1, "");
	cli_print_wrapped(out, text, NAME_COLUMNS + 1);
}

static void print_fields(struct cli_output *out, const char *title, uint64_t fields)
{
	g_autoptr(GString) words = g_string_new(NULL);

	for (unsigned int i = 0; nvme_fault_field_name(i); i++) {
		if (is_field(fields, i))
			g_string_append_printf(words, " %s", nvme_fault_field_name(i));
	}
	print_words(out, title, words);
}

static void print_site(struct cli_output *out, unsigned int site)
{
	g_autoptr(GString) words = g_string_new(NULL);

	print_fields(out, "when", nvme_fault_site_fields(site));
	print_fields(out, "can be changed", nvme_fault_site_assigns(site));
	for (unsigned int i = 0; nvme_fault_action_name(i); i++) {
		if (is_own_action(site, i))
			g_string_append_printf(words, " %s", nvme_fault_action_name(i));
	}
	print_words(out, "actions of this site", words);
}

static void add_action(JsonBuilder *builder, unsigned int action)
{
	json_builder_set_member_name(builder, "everywhere");
	json_builder_add_boolean_value(builder, nvme_fault_is_everywhere(action));
}

bool sim_cmd_sites(struct cli *cli, GError **error)
{
	(void)error;
	return print_list(cli, &(struct list){ nvme_fault_site_name, nvme_fault_site_help, add_site,
					       print_site });
}

bool sim_cmd_fields(struct cli *cli, GError **error)
{
	(void)error;
	return print_list(
		cli, &(struct list){ nvme_fault_field_name, nvme_fault_field_help, NULL, NULL });
}

bool sim_cmd_actions(struct cli *cli, GError **error)
{
	(void)error;
	return print_list(cli, &(struct list){ nvme_fault_action_name, nvme_fault_action_help,
					       add_action, NULL });
}

static void add_oracle(JsonBuilder *builder, unsigned int oracle)
{
	json_builder_set_member_name(builder, "advice");
	json_builder_add_boolean_value(builder, sim_oracle_is_advice(oracle));
}

bool sim_cmd_oracles(struct cli *cli, GError **error)
{
	(void)error;
	return print_list(cli,
			  &(struct list){ sim_oracle_name, sim_oracle_help, add_oracle, NULL });
}

bool sim_cmd_counters(struct cli *cli, GError **error)
{
	(void)error;
	return print_list(cli, &(struct list){ sim_counter_name, sim_counter_help, NULL, NULL });
}

bool sim_cmd_patterns(struct cli *cli, GError **error)
{
	(void)error;
	return print_list(cli, &(struct list){ sim_pattern_name, sim_pattern_help, NULL, NULL });
}

bool sim_cmd_tasks(struct cli *cli, GError **error)
{
	(void)error;
	return print_list(cli, &(struct list){ sim_task_name, sim_task_help, NULL, NULL });
}
