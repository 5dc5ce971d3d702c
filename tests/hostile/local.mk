# SPDX-License-Identifier: BSD-3-Clause
# Hostile clients, devices and files.
test_programs += \
	$(NULL)
test_scripts += \
	$(NULL)
