/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of commands. A new command is a row here, its options and its handler. */
#include <string.h>

#include "driver/cli/command.h"
#include "driver/cli/error.h"

#define DEVICE_GROUPS (CLI_GROUP_OUTPUT | CLI_GROUP_DEVICE | CLI_GROUP_EMULATOR)
#define SHOWN	      (DEVICE_GROUPS | CLI_GROUP_HUMAN | CLI_GROUP_RAW)

const struct cli_option cli_output_options[] = {
	/* clang-format off */
	{ "output-format", 'o', 0, CLI_CHOICE, "normal|json|binary", 0, "normal", false, "how results are printed; binary is a structure as it came" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_human_options[] = {
	/* clang-format off */
	{ "human-readable", 'H', 0, CLI_FLAG, NULL, 0, NULL, false, "with the meaning of values" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_raw_options[] = {
	/* clang-format off */
	{ "raw-binary", 'b', 0, CLI_FLAG, NULL, 0, NULL, false, "write the data as they came" },
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
	  "With --verbose, NVM subsystems and controllers too. A device that cannot be opened is reported, the others are listed, and the exit code is that of the failure.",
	  cli_list_options, cli_run_list, NULL },
	{ "list-subsys", "Controller and namespaces", "[DEVICE...]", 0, 64, DEVICE_GROUPS,
	  "list NVM subsystems and the paths to them",
	  "Devices whose controllers have the same NVM subsystem are its paths.",
	  NULL, cli_run_list_subsys, NULL },
	{ "id-ctrl", "Controller and namespaces", "[DEVICE]", 0, 1, SHOWN,
	  "print Identify Controller data", NULL, cli_id_ctrl_options, NULL, cli_id_ctrl },
	{ "id-ns", "Controller and namespaces", "[DEVICE]", 0, 1, SHOWN,
	  "print Identify Namespace data", NULL, cli_id_ns_options, NULL, cli_id_ns },
	{ "ns-descs", "Controller and namespaces", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_RAW,
	  "print the identifiers of a namespace: EUI64, NGUID, UUID and command set", NULL, cli_ns_options, NULL, cli_ns_descs },
	{ "nvm-id-ctrl", "Controller and namespaces", "[DEVICE]", 0, 1, SHOWN,
	  "print Identify Controller data of the NVM command set", NULL, NULL, NULL, cli_nvm_id_ctrl },
	{ "nvm-id-ns", "Controller and namespaces", "[DEVICE]", 0, 1, SHOWN,
	  "print Identify Namespace data of the NVM command set", NULL, cli_nvm_id_ns_options, NULL, cli_nvm_id_ns },
	{ "cmdset-ind-id-ns", "Controller and namespaces", "[DEVICE]", 0, 1, SHOWN,
	  "print Identify Namespace data that all command sets have", NULL, cli_ns_options, NULL, cli_cmdset_ind_id_ns },
	{ "id-ns-granularity", "Controller and namespaces", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_RAW,
	  "print the granularity of namespace sizes", NULL, NULL, NULL, cli_id_ns_granularity },
	{ "id-uuid", "Controller and namespaces", "[DEVICE]", 0, 1, SHOWN,
	  "print the UUID list", NULL, NULL, NULL, cli_id_uuid },
	{ "id-iocs", "Controller and namespaces", "[DEVICE]", 0, 1, SHOWN,
	  "print the combinations of I/O command sets", NULL, cli_id_iocs_options, NULL, cli_id_iocs },
	{ "list-ns", "Controller and namespaces", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_RAW,
	  "print the identifiers of namespaces", NULL, cli_list_ns_options, NULL, cli_list_ns },
	{ "list-ctrl", "Controller and namespaces", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_RAW,
	  "print the identifiers of controllers", NULL, cli_list_ctrl_options, NULL, cli_list_ctrl },
	{ "list-endgrp", "Controller and namespaces", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_RAW,
	  "print the identifiers of endurance groups", NULL, cli_list_endgrp_options, NULL, cli_list_endgrp },
	{ "show-regs", "Controller and namespaces", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_HUMAN,
	  "print the registers of BAR0",
	  "The controller is brought up first, as for any other command; with --no-start the registers are read as they are found.",
	  cli_show_regs_options, cli_run_show_regs, NULL },
	{ "get-property", "Controller and namespaces", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_HUMAN,
	  "print one register", NULL, cli_get_property_options, NULL, cli_get_property },
	{ "set-property", "Controller and namespaces", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "write one register",
	  "What the driver does not expect may make the rest of the run fail.",
	  cli_set_property_options, NULL, cli_set_property },
	{ "get-reg", "Controller and namespaces", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_HUMAN,
	  "the same as get-property", NULL, cli_get_property_options, NULL, cli_get_property },
	{ "set-reg", "Controller and namespaces", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "the same as set-property", NULL, cli_set_property_options, NULL, cli_set_property },
	{ "reset", "Controller and namespaces", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "reset the controller: disable it and bring it up again", NULL, NULL, NULL, cli_reset },
	{ "subsystem-reset", "Controller and namespaces", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "reset the NVM subsystem: all of its controllers",
	  "The hosts of its other controllers find theirs disabled.",
	  NULL, NULL, cli_subsystem_reset },
	{ "ns-rescan", "Controller and namespaces", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "read the namespaces again", NULL, NULL, NULL, cli_ns_rescan },
	{ "show-hostnqn", "Controller and namespaces", "", 0, 0, CLI_GROUP_OUTPUT,
	  "print this host's NQN",
	  "That of /etc/nvme/hostnqn; without that file one is made of the machine's identifier.",
	  NULL, cli_run_show_hostnqn, NULL },
	{ "gen-hostnqn", "Controller and namespaces", "", 0, 0, CLI_GROUP_OUTPUT,
	  "print a new NQN for a host", NULL, NULL, cli_run_gen_hostnqn, NULL },

	{ "create-ns", "Management", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "create a namespace",
	  "It is attached to no controller yet: see attach-ns. Sizes are in logical blocks, and K, M, G, T, P after them are powers of 1024.",
	  cli_create_ns_options, NULL, cli_create_ns },
	{ "delete-ns", "Management", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "delete a namespace and its data",
	  "Nothing asks again, as in nvme-cli.",
	  cli_delete_ns_options, NULL, cli_delete_ns },
	{ "attach-ns", "Management", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "attach a namespace to controllers", NULL, cli_attach_ns_options, NULL, cli_attach_ns },
	{ "detach-ns", "Management", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "detach a namespace from controllers", NULL, cli_attach_ns_options, NULL, cli_detach_ns },
	{ "format", "Management", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "format a namespace: change its LBA format, erase its data",
	  "Its data are lost. On a terminal the command waits for ten seconds first, so that it can be interrupted; --force does not wait.",
	  cli_format_options, NULL, cli_format },
	{ "sanitize", "Management", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "erase all data of the NVM subsystem",
	  "The command starts the operation, which goes on behind it and through resets; sanitize-log says how far it is. On a terminal the command waits for ten seconds first, so that it can be interrupted; --force does not wait.",
	  cli_sanitize_options, NULL, cli_sanitize },
	{ "device-self-test", "Management", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "start or abort a device self-test",
	  "A short test is aborted by the reset with which each run of nvmelab begins and ends, so wait for it; an extended one goes on.",
	  cli_device_self_test_options, NULL, cli_device_self_test },
	{ "fw-download", "Management", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "download a firmware image",
	  "A reset makes the controller forget what was downloaded and not committed, so a run of its own can only check an image: see --fw of fw-commit.",
	  cli_fw_download_options, NULL, cli_fw_download },
	{ "fw-commit", "Management", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "commit a firmware image to a slot, or activate one", NULL, cli_fw_commit_options, NULL, cli_fw_commit },
	{ "dir-receive", "Management", "[DEVICE]", 0, 1, SHOWN,
	  "send Directive Receive: parameters of directives", NULL, cli_dir_receive_options, NULL, cli_dir_receive },
	{ "dir-send", "Management", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "send Directive Send: enable or disable a directive", NULL, cli_dir_send_options, NULL, cli_dir_send },
	{ "security-recv", "Management", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_RAW,
	  "send Security Receive", NULL, cli_security_recv_options, NULL, cli_security_recv },
	{ "security-send", "Management", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "send Security Send", NULL, cli_security_send_options, NULL, cli_security_send },

	{ "smart-log", "Log pages and features", "[DEVICE]", 0, 1, SHOWN,
	  "print the SMART / Health Information log", NULL, cli_smart_log_options, NULL, cli_smart_log },
	{ "error-log", "Log pages and features", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_RAW,
	  "print the Error Information log", NULL, cli_error_log_options, NULL, cli_error_log },
	{ "fw-log", "Log pages and features", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_RAW,
	  "print the Firmware Slot Information log", NULL, NULL, NULL, cli_fw_log },
	{ "firmware-log", "Log pages and features", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_RAW,
	  "the same as fw-log", NULL, NULL, NULL, cli_fw_log },
	{ "effects-log", "Log pages and features", "[DEVICE]", 0, 1, SHOWN,
	  "print the Commands Supported and Effects log", NULL, cli_effects_log_options, NULL, cli_effects_log },
	{ "supported-log-pages", "Log pages and features", "[DEVICE]", 0, 1, SHOWN,
	  "print which log pages there are", NULL, NULL, NULL, cli_supported_log_pages },
	{ "fid-support-effects-log", "Log pages and features", "[DEVICE]", 0, 1, SHOWN,
	  "print which features there are, and what changing them affects", NULL, NULL, NULL, cli_fid_support_effects_log },
	{ "changed-ns-list-log", "Log pages and features", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_RAW,
	  "print the namespaces that changed since the log was read last", NULL, cli_rae_options, NULL, cli_changed_ns_list_log },
	{ "self-test-log", "Log pages and features", "[DEVICE]", 0, 1, SHOWN,
	  "print the Device Self-test log", NULL, cli_self_test_log_options, NULL, cli_self_test_log },
	{ "sanitize-log", "Log pages and features", "[DEVICE]", 0, 1, SHOWN,
	  "print the Sanitize Status log", NULL, cli_rae_options, NULL, cli_sanitize_log },
	{ "telemetry-log", "Log pages and features", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_RAW,
	  "write a telemetry log to a file", NULL, cli_telemetry_log_options, NULL, cli_telemetry_log },
	{ "persistent-event-log", "Log pages and features", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_RAW,
	  "print the Persistent Event log",
	  "Action 1 has the controller fix the log as it is now, reads it and lets it go; action 3 leaves it fixed, for action 0 to read and action 2 to let go.",
	  cli_persistent_event_log_options, NULL, cli_persistent_event_log },
	{ "endurance-log", "Log pages and features", "[DEVICE]", 0, 1, SHOWN,
	  "print the log of an endurance group", NULL, cli_endurance_log_options, NULL, cli_endurance_log },
	{ "endurance-event-agg-log", "Log pages and features", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_RAW,
	  "print the endurance groups that have events", NULL, cli_endurance_event_agg_log_options, NULL, cli_endurance_event_agg_log },
	{ "ana-log", "Log pages and features", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_RAW,
	  "print the Asymmetric Namespace Access log", NULL, cli_ana_log_options, NULL, cli_ana_log },
	{ "lba-status-log", "Log pages and features", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_RAW,
	  "print the ranges of blocks that may be lost", NULL, cli_rae_options, NULL, cli_lba_status_log },
	{ "resv-notif-log", "Log pages and features", "[DEVICE]", 0, 1, SHOWN,
	  "print and remove the oldest reservation notification", NULL, NULL, NULL, cli_resv_notif_log },
	{ "get-log", "Log pages and features", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_RAW,
	  "print any log page as it is", NULL, cli_get_log_options, NULL, cli_any_log },
	{ "get-feature", "Log pages and features", "[DEVICE]", 0, 1, SHOWN,
	  "print the value of a feature",
	  "Without --feature-id every feature that the controller answers for is printed.",
	  cli_get_feature_options, NULL, cli_get_feature },
	{ "set-feature", "Log pages and features", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "change the value of a feature",
	  "With --data-len or for a feature that has a data structure, the data are read from --data, or from standard input. A value that is not saved lasts until the next reset, so until the end of the run.",
	  cli_set_feature_options, NULL, cli_set_feature },

	{ "read", "Data", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_RAW,
	  "read logical blocks to a file or to standard output",
	  "The data are written as they are, whatever --output-format says.",
	  cli_transfer_options, NULL, cli_read },
	{ "write", "Data", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "write logical blocks from a file or from standard input",
	  "What the input has less than the blocks need is filled with zeros.",
	  cli_transfer_options, NULL, cli_write_blocks },
	{ "compare", "Data", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "compare logical blocks with a file or with standard input",
	  "The controller compares; data that differ are the status Compare Failure.",
	  cli_transfer_options, NULL, cli_compare },
	{ "verify", "Data", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "have the controller check logical blocks", NULL, cli_verify_options, NULL, cli_verify },
	{ "write-zeroes", "Data", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "write zeros to logical blocks", NULL, cli_write_zeroes_options, NULL, cli_write_zeroes },
	{ "write-uncor", "Data", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "mark logical blocks as unreadable until they are written", NULL, cli_write_uncor_options, NULL, cli_write_uncor },
	{ "dsm", "Data", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "say how ranges of blocks are used, or deallocate them", NULL, cli_dsm_options, NULL, cli_dsm },
	{ "copy", "Data", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "copy ranges of blocks", NULL, cli_copy_options, NULL, cli_copy },
	{ "flush", "Data", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "commit a namespace's written data to non-volatile media", NULL, cli_ns_options, NULL, cli_flush },
	{ "get-lba-status", "Data", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_RAW,
	  "print the status of logical blocks", NULL, cli_get_lba_status_options, NULL, cli_get_lba_status },
	{ "check-io", "Data", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "write a pattern, read it back and compare every byte",
	  "What the blocks held before is lost. Every block gets contents of its own, made of --seed and its number, so that a misplaced, stale or torn block is found.",
	  cli_check_io_options, cli_run_check_io, NULL },
	{ "perf", "Data", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "measure commands a second and their latency",
	  "Patterns that write destroy what the blocks held. All queues are served by one thread. Latency is from the doorbell to the callback, in a histogram whose values are less than 1.6 % too large.",
	  cli_perf_options, cli_run_perf, NULL },

	{ "resv-register", "Reservations", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "register, unregister or replace a reservation key",
	  "Hosts are told apart by their identifiers: the one of this host is set first (feature 81h).",
	  cli_resv_register_options, NULL, cli_resv_register },
	{ "resv-acquire", "Reservations", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "acquire or preempt a reservation",
	  "Hosts are told apart by their identifiers: the one of this host is set first (feature 81h).",
	  cli_resv_acquire_options, NULL, cli_resv_acquire },
	{ "resv-release", "Reservations", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "release a reservation, or clear all",
	  "Hosts are told apart by their identifiers: the one of this host is set first (feature 81h).",
	  cli_resv_release_options, NULL, cli_resv_release },
	{ "resv-report", "Reservations", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_RAW,
	  "print the reservation of a namespace and who is registered", NULL, cli_resv_report_options, NULL, cli_resv_report },

	{ "admin-passthru", "Raw commands", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_RAW,
	  "send an admin command of your own", NULL, cli_passthru_options, NULL, cli_admin_passthru },
	{ "io-passthru", "Raw commands", "[DEVICE]", 0, 1, DEVICE_GROUPS | CLI_GROUP_RAW,
	  "send an I/O command of your own", NULL, cli_passthru_options, NULL, cli_io_passthru },

	{ "monitor", "Tools", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "print events of a controller and the rates of its counters, as they come",
	  "Events are those of the controller (asynchronous events, whose log pages are read) and of its namespaces. Rates are from the SMART log, so of all who use the drive. On a terminal the rates are one line that changes; elsewhere everything is a line, with --output-format=json an object on a line. Ctrl-C ends it.",
	  cli_monitor_options, NULL, cli_monitor },
	{ "stats", "Tools", "[DEVICE]", 0, 1, DEVICE_GROUPS,
	  "print what the driver counted while it brought the controller up",
	  "Each run has a driver of its own: --stats of perf and check-io prints the same of their work.",
	  NULL, NULL, cli_stats },
	{ "trace", "Tools", "FILE", 1, 1, CLI_GROUP_OUTPUT,
	  "print a trace file: records as text, one command's life, or for Perfetto",
	  "FILE is what --trace of nvmelab or nvmelab-emulator wrote; - is standard input. Times are relative to the first record. --life explains one command: last-read and first-write pick by opcode, 1:17 the last command 17 of queue 1.",
	  cli_trace_options, cli_run_trace, NULL },
	{ "qemu", "Tools", "PATH", 1, 1, CLI_GROUP_OUTPUT,
	  "print a QEMU command line that uses the emulator at PATH",
	  "PATH is the socket of a running nvmelab-emulator. QEMU 10.1 or later has the device vfio-user-pci.",
	  cli_qemu_options, cli_run_qemu, NULL },
	{ "with", "Tools", "[DEVICE] -- PROGRAM [ARGUMENT...]", 1, 4096, 0,
	  "run another program, for which the device is /dev/nvme0",
	  "PROGRAM, say nvme-cli, smartctl or dd, finds the controller as /dev/nvme0 and its namespaces as /dev/nvme0n1 and so on, without root and without a driver in the kernel; see docs/preload.md. Its exit code is the program's.",
	  NULL, cli_run_with, NULL },
	{ "completion", "Tools", "bash|zsh", 1, 1, 0,
	  "print a completion script for a shell",
	  "For the shell that runs: source <(nvmelab completion bash). Where nvmelab is installed, bash and zsh load it by themselves.", NULL, cli_run_completion, NULL },
	{ "help", "Tools", "[COMMAND|params]", 0, 1, 0,
	  "show the commands, how one is used, or the parameters of the driver", NULL, cli_help_options, cli_run_help, NULL },
	{ "version", "Tools", "", 0, 0, CLI_GROUP_OUTPUT,
	  "print the version", NULL, NULL, cli_run_version, NULL },
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
