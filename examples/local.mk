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
	examples/embedded \
	examples/hello \
	examples/monitor \
	examples/passthrough \
	$(NULL)
examples_copy_CFLAGS = $(APP_CFLAGS)
examples_copy_LDADD = $(example_libs)
examples_embedded_CFLAGS = $(APP_CFLAGS)
examples_embedded_LDADD = libnvmelab-emulator.la
examples_hello_CFLAGS = $(APP_CFLAGS)
examples_hello_LDADD = $(example_libs)
examples_monitor_CFLAGS = $(APP_CFLAGS)
examples_monitor_LDADD = $(example_libs)
examples_passthrough_CFLAGS = $(APP_CFLAGS)
examples_passthrough_LDADD = $(example_libs)

# A driver that knows nothing of the library, and the test of it.
trapbar_example = examples/trapbar
if HAVE_TRAPBAR
test_programs += $(trapbar_example)
endif
examples_trapbar_SOURCES = \
	examples/polling.c \
	examples/polling.h \
	examples/trapbar.c \
	$(NULL)
examples_trapbar_CFLAGS = $(APP_CFLAGS)
examples_trapbar_LDADD = libnvmelab-emulator.la

# A port without a C library, linked by tests/embed/test_baremetal.sh.
EXTRA_DIST += \
	examples/baremetal.c \
	$(NULL)
