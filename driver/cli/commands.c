/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of commands. A new command is a row here, its options and its handler. */
#include <string.h>

#include "driver/cli/command.h"
#include "driver/cli/error.h"

#define DEVICE_GROUPS (CLI_GROUP_OUTPUT | CLI_GROUP_DEVICE | CLI_GROUP_EMULATOR)

const struct cli_option cli_output_options[] = {
	/* clang-format off */
	{ "output-format", 'o', 0, CLI_CHOICE, "normal|json", 0, "normal", false, "how results are printed" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_common_options[] = {
	/* clang-format off */
	{ "log", 0, 0, CLI_CHOICE, "error|warning|info|debug", 0, "warning", false, "messages on standard error, up to this level" },
	{ "verbose", 'v', 0, CLI_FLAG, NULL, 0, NULL, false, "one level more of messages; may be repeated" },
	{ "help", 'h', 0, CLI_FLAG, NULL, 0, NULL, false, "show how the command is used" },
	{ 0 },
	/* clang-format on */
};

/* clang-format off */
const struct cli_command cli_commands[] = {
	{ "list", "Controller and namespaces", "[DEVICE...]", 0, 64, DEVICE_GROUPS,
	  "list the namespaces of devices",
	  "A device that cannot be opened is reported, the others are listed, and the exit code is that of the failure.",
	  cli_list_options, cli_run_list },
	{ "id-ctrl", "Controller and namespaces", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "print Identify Controller data", NULL, cli_id_ctrl_options, cli_run_id_ctrl },
	{ "id-ns", "Controller and namespaces", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "print Identify Namespace data", NULL, cli_id_ns_options, cli_run_id_ns },
	{ "list-ns", "Controller and namespaces", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "print the identifiers of active namespaces", NULL, cli_list_ns_options, cli_run_list_ns },
	{ "show-regs", "Controller and namespaces", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "print the registers of BAR0",
	  "The controller is brought up first, as for any other command; with --no-start the registers are read as they are found.",
	  cli_show_regs_options, cli_run_show_regs },
	{ "reset", "Controller and namespaces", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "reset the controller: disable it and bring it up again", NULL, NULL, cli_run_reset },

	{ "smart-log", "Log pages and features", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "print the SMART / Health Information log", NULL, cli_smart_log_options, cli_run_smart_log },
	{ "error-log", "Log pages and features", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "print the Error Information log", NULL, cli_error_log_options, cli_run_error_log },
	{ "fw-log", "Log pages and features", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "print the Firmware Slot Information log", NULL, cli_fw_log_options, cli_run_fw_log },
	{ "effects-log", "Log pages and features", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "print the Commands Supported and Effects log", NULL, cli_effects_log_options, cli_run_effects_log },
	{ "get-feature", "Log pages and features", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "print the value of a feature",
	  "Without --feature-id every feature that the controller answers for is printed.",
	  cli_get_feature_options, cli_run_get_feature },
	{ "set-feature", "Log pages and features", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "change the value of a feature",
	  "With --data-len or for a feature that has a data structure, the data are read from --data, or from standard input.",
	  cli_set_feature_options, cli_run_set_feature },

	{ "read", "Data", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "read logical blocks to a file or to standard output",
	  "The data are written as they are, whatever --output-format says.",
	  cli_read_options, cli_run_read },
	{ "write", "Data", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "write logical blocks from a file or from standard input",
	  "What the input has less than the blocks need is filled with zeros.",
	  cli_write_options, cli_run_write },
	{ "flush", "Data", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "commit a namespace's written data to non-volatile media", NULL, cli_flush_options, cli_run_flush },
	{ "check-io", "Data", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "write a pattern, read it back and compare every byte",
	  "What the blocks held before is lost. Every block gets contents of its own, made of --seed and its number, so that a misplaced, stale or torn block is found.",
	  cli_check_io_options, cli_run_check_io },
	{ "perf", "Data", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "measure commands a second and their latency",
	  "Patterns that write destroy what the blocks held. All queues are served by one thread. Latency is from the doorbell to the callback, in a histogram whose values are less than 1.6 % too large.",
	  cli_perf_options, cli_run_perf },

	{ "admin-passthru", "Raw commands", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "send an admin command of your own", NULL, cli_passthru_options, cli_run_admin_passthru },
	{ "io-passthru", "Raw commands", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "send an I/O command of your own", NULL, cli_passthru_options, cli_run_io_passthru },

	{ "trace", "Tools", "FILE", 1, 1, CLI_GROUP_OUTPUT,
	  "print a trace file: records as text, one command's life, or for Perfetto",
	  "FILE is what --trace of nvmelab or nvmelab-emulator wrote; - is standard input. Times are relative to the first record. --life explains one command: last-read and first-write pick by opcode, 1:17 the last command 17 of queue 1.",
	  cli_trace_options, cli_run_trace },
	{ "qemu", "Tools", "PATH", 1, 1, CLI_GROUP_OUTPUT,
	  "print a QEMU command line that uses the emulator at PATH",
	  "PATH is the socket of a running nvmelab-emulator. QEMU 10.1 or later has the device vfio-user-pci.",
	  cli_qemu_options, cli_run_qemu },
	{ "with", "Tools", "[DEVICE] -- PROGRAM [ARGUMENT...]", 1, 4096, 0,
	  "run another program, for which the device is /dev/nvme0",
	  "PROGRAM, say nvme-cli, smartctl or dd, finds the controller as /dev/nvme0 and its namespaces as /dev/nvme0n1 and so on, without root and without a driver in the kernel; see docs/preload.md. Its exit code is the program's.",
	  NULL, cli_run_with },
	{ "completion", "Tools", "bash|zsh", 1, 1, 0,
	  "print a completion script for a shell",
	  "For the shell that runs: source <(nvmelab completion bash)", NULL, cli_run_completion },
	{ "help", "Tools", "[COMMAND]", 0, 1, 0,
	  "show the commands, or how one is used", NULL, cli_help_options, cli_run_help },
	{ "version", "Tools", "", 0, 0, CLI_GROUP_OUTPUT,
	  "print the version", NULL, NULL, cli_run_version },
	{ 0 },
};
/* clang-format on */

const struct cli_command *cli_find_command(const char *name)
{
	for (const struct cli_command *command = cli_commands; command->name; command++) {
		if (strcmp(command->name, name) == 0)
			return command;
	}
	return NULL;
}

bool cli_fail_unknown_command(const char *name, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	const char *nearest;

	for (const struct cli_command *command = cli_commands; command->name; command++)
		g_ptr_array_add(names, (gpointer)command->name);
	g_ptr_array_add(names, NULL);
	nearest = cli_nearest(name, (const char *const *)names->pdata);
	cli_fail(error, CLI_EXIT_USAGE, "unknown command '%s'", name);
	if (nearest)
		cli_hint(error, "did you mean %s?", nearest);
	return false;
}
