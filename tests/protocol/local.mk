# SPDX-License-Identifier: BSD-3-Clause
# Registers and rings poked by hand, a suite for each area of the specification.
test_programs += \
	$(NULL)
