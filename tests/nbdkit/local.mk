# SPDX-License-Identifier: BSD-3-Clause
# The plugin for nbdkit and its clients.
test_scripts += tests/nbdkit/test_nbdkit.sh
