# SPDX-License-Identifier: BSD-3-Clause
# Measurements, run by 'make bench'; the limits of the machine are measured in the same run.
bench_programs += \
	tests/bench/bench \
	tests/bench/driver_cost \
	tests/bench/emulator_cost \
	tests/bench/simulator \
	$(NULL)
tests_bench_bench_SOURCES = \
	tests/bench/bench.c \
	tests/bench/limit.c \
	tests/bench/limit.h \
	tests/bench/ours.c \
	tests/bench/ours.h \
	$(NULL)

# The driver against a controller that completes at once; its instructions are counted.
tests_bench_driver_cost_SOURCES = tests/bench/driver_cost.c $(fake_sources)

# Driver, controller and oracles in one thread.
tests_bench_simulator_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_bench_simulator_LDADD = libsimcli.la libsim.la $(project_libs) $(JSON_GLIB_LIBS) $(GLIB_LIBS)
EXTRA_DIST += \
	tests/bench/cost.sh \
	tests/bench/driver_cost.txt \
	tests/bench/emulator_cost.txt \
	tests/bench/simulator_cost.txt \
	$(NULL)

BENCH_SECONDS = 0.5
BENCH_ROUNDS = 5
bench_cost = $(BASH_PATH) $(top_srcdir)/tests/bench/cost.sh $(top_srcdir)/tests/bench

bench: all $(bench_programs)
	NVMELAB_EMULATOR=$(abs_builddir)/nvmelab-emulator tests/bench/bench \
		--seconds $(BENCH_SECONDS) --rounds $(BENCH_ROUNDS)
	$(bench_cost)/driver_cost.txt submit_batch,poll_batch tests/bench/driver_cost
	$(bench_cost)/emulator_cost.txt run_commands:emu_step tests/bench/emulator_cost
	tests/bench/simulator $(BENCH_SECONDS) $(top_srcdir)/tests/scenarios/*.ini
	$(bench_cost)/simulator_cost.txt sim_run tests/bench/simulator --count

.PHONY: bench
