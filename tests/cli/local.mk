# SPDX-License-Identifier: BSD-3-Clause
# The program nvmelab: its parts, and all of it from outside.
cli_tests = \
	tests/cli/test_histogram \
	tests/cli/test_options \
	tests/cli/test_print \
	tests/cli/test_trace \
	$(NULL)
test_programs += $(cli_tests)
test_scripts += \
	tests/cli/test_admin.sh \
	tests/cli/test_commands.sh \
	tests/cli/test_control.sh \
	tests/cli/test_errors.sh \
	tests/cli/test_fault.sh \
	tests/cli/test_first_run.sh \
	tests/cli/test_help.sh \
	tests/cli/test_manual.sh \
	tests/cli/test_monitor.sh \
	tests/cli/test_namespaces.sh \
	tests/cli/test_params.sh \
	tests/cli/test_process.sh \
	tests/cli/test_restart.sh \
	tests/cli/test_scenario.sh \
	tests/cli/test_terminal.sh \
	$(NULL)
helper_programs += tests/cli/say
EXTRA_DIST += tests/cli/nvme-cli-keys tests/cli/nvme-cli-paths driver/cli/.clang-tidy

cli_cflags = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_GLIB_CFLAGS)
cli_libs = libcli.la $(test_libs) $(JSON_GLIB_LIBS) $(GLIB_LIBS)
tests_cli_test_histogram_CFLAGS = $(cli_cflags)
tests_cli_test_histogram_LDADD = $(cli_libs)
tests_cli_test_options_CFLAGS = $(cli_cflags)
tests_cli_test_options_LDADD = $(cli_libs)
tests_cli_test_print_CFLAGS = $(cli_cflags)
tests_cli_test_print_LDADD = $(cli_libs)
tests_cli_test_trace_CFLAGS = $(cli_cflags)
tests_cli_test_trace_LDADD = $(cli_libs)

fuzz_programs += tests/fuzz/fuzz_trace
tests_fuzz_fuzz_trace_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_GLIB_CFLAGS)
tests_fuzz_fuzz_trace_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_trace_LDADD = libcli.la $(fuzz_libs) $(JSON_GLIB_LIBS) $(GLIB_LIBS)
