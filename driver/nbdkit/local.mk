# SPDX-License-Identifier: BSD-3-Clause
# The plugin for nbdkit, where nbdkit's header is there.
if HAVE_NBDKIT
nbdkitplugin_LTLIBRARIES += nbdkit-nvmelab-plugin.la
nbdkit_nvmelab_plugin_la_CFLAGS = $(LIB_CFLAGS) $(NBDKIT_CFLAGS)
nbdkit_nvmelab_plugin_la_LDFLAGS = $(COMMON_LDFLAGS) -module -avoid-version -shared
nbdkit_nvmelab_plugin_la_LIBADD = libnvldisk.la libnvmelab.la
nbdkit_nvmelab_plugin_la_SOURCES = \
	driver/nbdkit/extents.c \
	driver/nbdkit/extents.h \
	driver/nbdkit/plugin.c \
	driver/nbdkit/pool.c \
	driver/nbdkit/pool.h \
	$(NULL)
endif
