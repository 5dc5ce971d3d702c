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
	examples/copy \
	examples/hello \
	examples/monitor \
	examples/passthrough \
	$(NULL)
examples_copy_CFLAGS = $(APP_CFLAGS)
examples_copy_LDADD = $(example_libs)
examples_hello_CFLAGS = $(APP_CFLAGS)
examples_hello_LDADD = $(example_libs)
examples_monitor_CFLAGS = $(APP_CFLAGS)
examples_monitor_LDADD = $(example_libs)
examples_passthrough_CFLAGS = $(APP_CFLAGS)
examples_passthrough_LDADD = $(example_libs)

# A port without a C library, linked by tests/embed/test_baremetal.sh.
EXTRA_DIST += \
	examples/baremetal.c \
	$(NULL)
