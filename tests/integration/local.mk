# SPDX-License-Identifier: BSD-3-Clause
# Driver against emulator, and the programs from outside.
test_programs += \
	tests/integration/test_bring_up \
	tests/integration/test_commands \
	tests/integration/test_data \
	tests/integration/test_interrupts \
	tests/integration/test_io \
	tests/integration/test_mgmt \
	tests/integration/test_multipath \
	tests/integration/test_power \
	tests/integration/test_reorder \
	tests/integration/test_reset \
	tests/integration/test_restart \
	tests/integration/test_trace \
	tests/integration/test_ring_race \
	$(NULL)
helper_programs += \
	$(NULL)
test_scripts += \
	tests/integration/test_nbd.sh \
	$(NULL)

# A driver and a server, connected in every way.
rig_sources = \
	tests/integration/rig.c \
	tests/integration/rig.h \
	$(NULL)
tests_integration_test_bring_up_SOURCES = tests/integration/test_bring_up.c $(rig_sources)
tests_integration_test_commands_SOURCES = tests/integration/test_commands.c $(rig_sources)
tests_integration_test_data_SOURCES = tests/integration/test_data.c $(rig_sources)
tests_integration_test_interrupts_SOURCES = tests/integration/test_interrupts.c $(rig_sources)
tests_integration_test_io_SOURCES = tests/integration/test_io.c $(rig_sources)
tests_integration_test_mgmt_SOURCES = tests/integration/test_mgmt.c $(rig_sources)
tests_integration_test_multipath_SOURCES = \
	tests/integration/test_multipath.c \
	tests/integration/twin.c \
	tests/integration/twin.h \
	$(rig_sources)
tests_integration_test_restart_SOURCES = tests/integration/test_restart.c $(rig_sources)
tests_integration_test_reset_SOURCES = tests/integration/test_reset.c $(rig_sources)
tests_integration_test_trace_SOURCES = tests/integration/test_trace.c $(rig_sources)
