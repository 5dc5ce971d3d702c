# SPDX-License-Identifier: BSD-3-Clause
# Registers and rings poked by hand, a suite for each area of the specification.
test_programs += \
	tests/protocol/test_01_registers \
	tests/protocol/test_02_life \
	tests/protocol/test_03_queues \
	tests/protocol/test_04_identify \
	tests/protocol/test_04_namespaces \
	tests/protocol/test_05_logs \
	tests/protocol/test_05_smart \
	tests/protocol/test_06_features \
	tests/protocol/test_06_values \
	tests/protocol/test_07_prp \
	tests/protocol/test_07_spans \
	tests/protocol/test_08_io \
	tests/protocol/test_09_events \
	tests/protocol/test_10_interrupts \
	tests/protocol/test_11_stepping \
	tests/protocol/test_23_coalescing \
	tests/protocol/test_23_lines \
	tests/protocol/test_23_power_down \
	tests/protocol/test_24_heat \
	tests/protocol/test_24_power \
	tests/protocol/test_12_formats \
	tests/protocol/test_15_commands \
	tests/protocol/test_15_identifiers \
	tests/protocol/test_16_protection \
	tests/protocol/test_17_ranges \
	tests/protocol/test_18_atomic \
	tests/protocol/test_18_together \
	tests/protocol/test_13_ns_mgmt \
	tests/protocol/test_14_format \
	tests/protocol/test_14_sanitize \
	tests/protocol/test_18_atomic \
	tests/protocol/test_18_together \
	tests/protocol/test_27_paging \
	tests/protocol/test_25_event_types \
	tests/protocol/test_26_hmb \
	tests/protocol/test_26_hosts \
	tests/protocol/test_26_media_features \
	tests/protocol/test_26_metadata \
	tests/protocol/test_26_ranges \
	tests/protocol/test_30_save \
	tests/protocol/test_31_ana \
	tests/protocol/test_31_controllers \
	tests/protocol/test_32_persistence \
	tests/protocol/test_32_preempt \
	tests/protocol/test_32_reservations \
	tests/protocol/test_33_restart \
	tests/protocol/test_40_keys \
	tests/protocol/test_40_walk \
	tests/protocol/test_50_faults \
	tests/protocol/test_19_metadata \
	tests/protocol/test_19_sgl \
	tests/protocol/test_20_queues \
	tests/protocol/test_21_dbbuf \
	tests/protocol/test_22_memory \
	tests/protocol/test_22_ready \
	tests/protocol/test_28_firmware \
	tests/protocol/test_28_history \
	tests/protocol/test_29_selftest \
	tests/protocol/test_29_telemetry \
	tests/protocol/test_29_rotational \
	tests/protocol/test_29_domains \
	tests/protocol/test_29_groups \
	$(NULL)

noinst_HEADERS += tests/protocol/identify.h tests/protocol/resv.h tests/protocol/sgl.h tests/protocol/two.h
