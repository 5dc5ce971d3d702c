# SPDX-License-Identifier: BSD-3-Clause
# An exploration on a cluster: 'make check-slurm'.
EXTRA_DIST += tests/slurm/check.sh
