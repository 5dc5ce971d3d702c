/* SPDX-License-Identifier: BSD-3-Clause */
/* What the rows of commands.c refer to: options and handlers of commands. Included by command.h. */
#ifndef NVMELAB_DRIVER_CLI_ROWS_H
#define NVMELAB_DRIVER_CLI_ROWS_H

#include "driver/cli/command.h"

/* Options that several commands have. */
extern const struct cli_option cli_ns_options[];       /* --namespace-id */
extern const struct cli_option cli_rae_options[];      /* --rae */
extern const struct cli_option cli_transfer_options[]; /* read, write, compare */
extern const struct cli_option cli_passthru_options[];

/* Options of the commands, beside their handlers. */
extern const struct cli_option cli_list_options[], cli_id_ctrl_options[], cli_id_ns_options[];
extern const struct cli_option cli_nvm_id_ns_options[], cli_id_iocs_options[];
extern const struct cli_option cli_list_ns_options[], cli_list_ctrl_options[];
extern const struct cli_option cli_list_endgrp_options[];
extern const struct cli_option cli_create_ns_options[], cli_delete_ns_options[];
extern const struct cli_option cli_attach_ns_options[];
extern const struct cli_option cli_get_property_options[], cli_set_property_options[];
extern const struct cli_option cli_show_regs_options[];
extern const struct cli_option cli_format_options[], cli_sanitize_options[];
extern const struct cli_option cli_device_self_test_options[];
extern const struct cli_option cli_fw_download_options[], cli_fw_commit_options[];
extern const struct cli_option cli_get_log_options[], cli_smart_log_options[];
extern const struct cli_option cli_error_log_options[], cli_effects_log_options[];
extern const struct cli_option cli_self_test_log_options[], cli_telemetry_log_options[];
extern const struct cli_option cli_persistent_event_log_options[], cli_ana_log_options[];
extern const struct cli_option cli_endurance_log_options[];
extern const struct cli_option cli_endurance_event_agg_log_options[];
extern const struct cli_option cli_get_feature_options[], cli_set_feature_options[];
extern const struct cli_option cli_verify_options[], cli_write_zeroes_options[];
extern const struct cli_option cli_write_uncor_options[], cli_dsm_options[], cli_copy_options[];
extern const struct cli_option cli_get_lba_status_options[];
extern const struct cli_option cli_resv_register_options[], cli_resv_acquire_options[];
extern const struct cli_option cli_resv_release_options[], cli_resv_report_options[];
extern const struct cli_option cli_dir_receive_options[], cli_dir_send_options[];
extern const struct cli_option cli_security_recv_options[], cli_security_send_options[];
extern const struct cli_option cli_monitor_options[], cli_perf_options[], cli_check_io_options[];
extern const struct cli_option cli_trace_options[], cli_qemu_options[];

/* Handlers that open devices themselves, or need none. */
cli_run_fn cli_run_list, cli_run_list_subsys, cli_run_show_regs, cli_run_perf, cli_run_check_io;
cli_run_fn cli_run_show_hostnqn, cli_run_gen_hostnqn, cli_run_trace, cli_run_qemu;
cli_run_fn cli_run_fault;
cli_run_fn cli_run_with;

/* Handlers that get the device of the command line. */
cli_with_session_fn cli_id_ctrl, cli_id_ns, cli_list_ns, cli_list_ctrl, cli_list_endgrp;
cli_with_session_fn cli_ns_descs, cli_nvm_id_ctrl, cli_nvm_id_ns, cli_cmdset_ind_id_ns;
cli_with_session_fn cli_id_ns_granularity, cli_id_uuid, cli_id_iocs;
cli_with_session_fn cli_create_ns, cli_delete_ns, cli_attach_ns, cli_detach_ns, cli_ns_rescan;
cli_with_session_fn cli_get_property, cli_set_property, cli_reset, cli_subsystem_reset;
cli_with_session_fn cli_format, cli_sanitize, cli_device_self_test;
cli_with_session_fn cli_fw_download, cli_fw_commit;
cli_with_session_fn cli_any_log, cli_smart_log, cli_error_log, cli_fw_log, cli_effects_log;
cli_with_session_fn cli_supported_log_pages, cli_fid_support_effects_log;
cli_with_session_fn cli_changed_ns_list_log, cli_ana_log, cli_endurance_log;
cli_with_session_fn cli_endurance_event_agg_log, cli_lba_status_log, cli_resv_notif_log;
cli_with_session_fn cli_self_test_log, cli_sanitize_log, cli_telemetry_log;
cli_with_session_fn cli_persistent_event_log, cli_get_feature, cli_set_feature;
cli_with_session_fn cli_read, cli_write_blocks, cli_compare, cli_flush, cli_verify;
cli_with_session_fn cli_write_zeroes, cli_write_uncor, cli_dsm, cli_copy, cli_get_lba_status;
cli_with_session_fn cli_resv_register, cli_resv_acquire, cli_resv_release, cli_resv_report;
cli_with_session_fn cli_dir_receive, cli_dir_send, cli_security_recv, cli_security_send;
cli_with_session_fn cli_monitor, cli_stats;
cli_with_session_fn cli_admin_passthru, cli_io_passthru;

#endif
