# SPDX-License-Identifier: BSD-3-Clause
# Measurements, run by 'make bench'; the limits of the machine are measured in the same run.
bench_programs += \
	$(NULL)

bench: all $(bench_programs)
	@for program in $(bench_programs); do ./$$program || exit 1; done

.PHONY: bench
