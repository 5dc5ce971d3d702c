# SPDX-License-Identifier: BSD-3-Clause
# A stock Linux guest in QEMU as the client: 'make check-guest'.
guest_tests += \
	$(NULL)
EXTRA_DIST += \
	$(NULL)
