# SPDX-License-Identifier: BSD-3-Clause
# Measurements, run by 'make bench'; the limits of the machine are measured in the same run.
bench_programs += \
	tests/bench/bench \
	$(NULL)
tests_bench_bench_SOURCES = \
	tests/bench/bench.c \
	tests/bench/limit.c \
	tests/bench/limit.h \
	tests/bench/ours.c \
	tests/bench/ours.h \
	$(NULL)

BENCH_SECONDS = 0.5
BENCH_ROUNDS = 5

bench: all $(bench_programs)
	NVMELAB_EMULATOR=$(abs_builddir)/nvmelab-emulator tests/bench/bench \
		--seconds $(BENCH_SECONDS) --rounds $(BENCH_ROUNDS)

.PHONY: bench
