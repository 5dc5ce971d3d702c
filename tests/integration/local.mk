# SPDX-License-Identifier: BSD-3-Clause
# Driver against emulator, and the programs from outside.
test_programs += \
	$(NULL)
helper_programs += \
	$(NULL)
test_scripts += \
	$(NULL)
