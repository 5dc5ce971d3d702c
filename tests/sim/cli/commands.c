/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of commands. A new command is a row here, its options and its handler. */
#include "tests/sim/cli/program.h"

#define MANY 65536 /* files of a command line */

static const struct cli_option output_options[] = {
	/* clang-format off */
	{ "output-format", 'o', 0, CLI_CHOICE, "normal|json", 0, "normal", false, "how results are printed" },
	{ 0 },
	/* clang-format on */
};

/* clang-format off */
static const struct cli_command commands[] = {
	{ "run", "Scenarios", "FILE...", 1, MANY, CLI_GROUP_OUTPUT,
	  "run scenarios, and say whether each went as it should",
	  "FILE is a scenario, a folder (all *.ini in it and below), a pattern in quotes, or - for standard input. Each scenario is run twice, and the records of both sides are compared: a difference is exit code 4. Results are TAP, in the order of the files, whatever runs at the same time; what failed has the sentences that say why, the seed, the hashes, and the command that repeats it.",
	  sim_run_options, sim_cmd_run, NULL },
	{ "check", "Scenarios", "FILE...", 1, MANY, CLI_GROUP_OUTPUT,
	  "read scenarios without running them",
	  "A line for each file; what is wrong with one is an error with its file and line.",
	  NULL, sim_cmd_check, NULL },
	{ "print", "Scenarios", "FILE", 1, 1, 0,
	  "print a scenario as it was understood, with every key that is not the default", NULL, NULL, sim_cmd_print, NULL },
	{ "explore", "Scenarios", "[FILE]", 0, 1, CLI_GROUP_OUTPUT,
	  "try every fault at every step",
	  "FILE is a scenario whose controller, driver and workload are used; without one it is bring-up, 64 mixed operations and shutdown. A run without faults says how often each site is reached; then each fault is tried at each of these steps, once and from there on (single), or also each fault in what the first one has caused (pair); or the power goes at each step of the medium, with all that its cache may leave (crash); or completions in other orders (order), or some of all faults at random places (swarm). The oracles judge. A case that fails is named by its number, which is the same on any machine.",
	  sim_explore_options, sim_cmd_explore, NULL },
	{ "merge", "Scenarios", "REPORT...", 1, MANY, CLI_GROUP_OUTPUT,
	  "join the reports of all shares of an exploration",
	  "REPORT is what explore --shard K/N -o json printed. All shares have to be there, each once; what is printed is what the exploration as a whole would have printed.",
	  NULL, sim_cmd_merge, NULL },
	{ "shrink", "Scenarios", "FILE", 1, 1, 0,
	  "make a scenario that fails as small as it can be",
	  "Rules, terms, actions, tasks, expectations and keys are taken away, counts and times halved, chances made numbers, for as long as the scenario fails in the same way: with the same verdict, and the same oracle first. What is printed is the smallest one found; it has no chance in it.",
	  sim_shrink_options, sim_cmd_shrink, NULL },
	{ "explain", "Scenarios", "FILE", 1, 1, 0,
	  "draw what happened between host and controller",
	  "FILE is a scenario, which is run, or a trace, which is read. What is drawn is a sequence diagram: the host on the left, the controller on the right, time downwards. Bring-up and commands like those before them are left out; what remains is around faults, timeouts, aborts and resets. The step at which the first oracle failed is marked.",
	  sim_explain_options, sim_cmd_explain, NULL },
	{ "bisect", "Scenarios", "TRACE TRACE", 2, 2, CLI_GROUP_OUTPUT,
	  "find the first record in which two traces differ, on each side",
	  "Traces are those of run --trace, or of --trace of nvmelab and nvmelab-emulator. The exit code is 0 when they are equal and 1 when they differ.",
	  NULL, sim_cmd_bisect, NULL },
	{ "replay", "Scenarios", "TRACE", 1, 1, CLI_GROUP_OUTPUT,
	  "let a controller meet again what a recorded one met, and compare what it does",
	  "TRACE is what nvmelab-emulator --trace wrote, or that packed by gzip. What its client did is done again, at the times that the records have: accesses to registers and configuration space, doorbells, commands, lists and data. What the controller answers is compared: values of registers, completions, interrupts, data. The exit code is 0 when all is as it was, and 1 when something differs; the first difference is printed.",
	  NULL, sim_cmd_replay, NULL },

	{ "sites", "What scenarios can say", "", 0, 0, CLI_GROUP_OUTPUT,
	  "list where fault rules can act, and what each site knows", NULL, NULL, sim_cmd_sites, NULL },
	{ "fields", "What scenarios can say", "", 0, 0, CLI_GROUP_OUTPUT,
	  "list what predicates of fault rules can ask for", NULL, NULL, sim_cmd_fields, NULL },
	{ "actions", "What scenarios can say", "", 0, 0, CLI_GROUP_OUTPUT,
	  "list what fault rules can do", NULL, NULL, sim_cmd_actions, NULL },
	{ "oracles", "What scenarios can say", "", 0, 0, CLI_GROUP_OUTPUT,
	  "list what is always checked", NULL, NULL, sim_cmd_oracles, NULL },
	{ "counters", "What scenarios can say", "", 0, 0, CLI_GROUP_OUTPUT,
	  "list what a run counts, for [expect]", NULL, NULL, sim_cmd_counters, NULL },
	{ "patterns", "What scenarios can say", "", 0, 0, CLI_GROUP_OUTPUT,
	  "list what a workload can do", NULL, NULL, sim_cmd_patterns, NULL },
	{ "tasks", "What scenarios can say", "", 0, 0, CLI_GROUP_OUTPUT,
	  "list what a workload can do between its operations", NULL, NULL, sim_cmd_tasks, NULL },

	{ "completion", "Tools", "bash|zsh", 1, 1, 0,
	  "print a completion script for a shell",
	  "For the shell that runs: source <(nvmelab-sim completion bash). Where nvmelab-sim is installed, bash and zsh load it by themselves.", NULL, cli_run_completion, NULL },
	{ "help", "Tools", "[COMMAND]", 0, 1, 0,
	  "show the commands, or how one is used", NULL, cli_help_options, cli_run_help, NULL },
	{ "version", "Tools", "", 0, 0, CLI_GROUP_OUTPUT,
	  "print the version", NULL, NULL, cli_run_version, NULL },
	{ 0 },
};
/* clang-format on */

static const struct cli_group_options groups[] = {
	{ CLI_GROUP_OUTPUT, output_options },
	{ CLI_GROUP_COMMON, cli_common_options },
	{ 0 },
};

static const char *const words[] = { NULL };

const struct cli_program cli_program = {
	.name = "nvmelab-sim",
	.usage = "COMMAND [FILE...] [OPTION...]",
	.about = "Runs a driver and a controller in one thread with one virtual clock, with the "
		 "faults that a scenario file asks for, and says whether both did what they "
		 "should. The same file gives the same bytes, on any machine.",
	.exit_codes =
		"Exit codes: 0 success, 1 an oracle failed or traces differ, 2 usage or a bad "
		"file,\n3 environment, 4 not deterministic, 5 a rule never fired, 6 an "
		"expectation was missed;\nof several among 1, 4, 5 and 6 the smallest.",
	.commands = commands,
	.groups = groups,
	.shared = CLI_GROUP_OUTPUT | CLI_GROUP_COMMON,
	.man_options = "Options that commands share. --output-format is for commands that print "
		       "results or lists.",
	.words = words,
};
