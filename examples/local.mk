# SPDX-License-Identifier: BSD-3-Clause
# Examples use the installed libraries and nothing else, and are run by 'make check': each prints TAP.
# A row of three for each:
#	test_programs += examples/identify
#	examples_identify_CFLAGS = $(APP_CFLAGS)
#	examples_identify_LDADD = $(example_libs)
example_libs = \
	libnvmelab.la \
	libnvmelab-emulator.la \
	$(NULL)

test_programs += \
	$(NULL)
