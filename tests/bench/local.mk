# SPDX-License-Identifier: BSD-3-Clause
# Measurements, run by 'make bench'; the limits of the machine are measured in the same run.
bench_programs += \
	$(NULL)
