# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Lists of sources for the scripts that compile without make; called in the top folder of the sources.

# freestanding_sources: both cores, the judge and what they share.
freestanding_sources() { printf '%s\n' common/*.c emulator/core/*.c emulator/judge/*.c driver/core/*.c; }

# runner_sources: what the runner of scenarios (tests/sim/runner.c) is made of.
runner_sources()
{
	freestanding_sources
	printf '%s\n' driver/transport/msix.c tests/sim/*.c | grep -v '/test_'
}
