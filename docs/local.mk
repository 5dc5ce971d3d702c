# SPDX-License-Identifier: BSD-3-Clause
# The manual's pages, and the program that prints those of their parts that come from tables.
helper_programs += \
	docs/generate \
	$(NULL)

test_scripts += \
	docs/docs-test.sh \
	$(NULL)

EXTRA_DIST += \
	docs/api-words \
	docs/api.md \
	docs/architecture.md \
	docs/config.md \
	docs/embedding.md \
	docs/judge.md \
	docs/library.md \
	docs/media.md \
	docs/nbdkit.md \
	docs/nvmelab.md \
	docs/pci.md \
	docs/preload.md \
	docs/recovery.md \
	docs/sim.md \
	docs/state.md \
	docs/faults.md \
	docs/firmware.md \
	docs/scenario.md \
	docs/telemetry.md \
	docs/trace.md \
	$(NULL)

# Puts the generated parts in their places in the source tree.
docs: docs/generate nvmelab nvmelab-sim
	bash $(srcdir)/tools/docs.sh

.PHONY: docs
