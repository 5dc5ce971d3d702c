# SPDX-License-Identifier: BSD-3-Clause
# Where the namespaces' data lies. Part of libnvmelab-emulator.
libemudevice_la_SOURCES += \
	$(NULL)
