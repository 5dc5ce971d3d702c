# SPDX-License-Identifier: BSD-3-Clause
# The judge: a bad little driver that breaks each rule, a good one, and nvmelab-emulator --judge.
test_programs += \
	tests/judge/test_judge \
	$(NULL)

tests_judge_test_judge_SOURCES = \
	tests/judge/test_judge.c \
	tests/judge/crimes.h \
	tests/judge/crimes_commands.c \
	tests/judge/crimes_data.c \
	tests/judge/crimes_queues.c \
	tests/judge/crimes_registers.c \
	tests/judge/crimes_rings.c \
	$(NULL)

test_scripts += \
	tests/judge/test_program.sh \
	$(NULL)
