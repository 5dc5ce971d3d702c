# SPDX-License-Identifier: BSD-3-Clause
# How the driver reaches a controller. Part of libnvmelab.
noinst_LTLIBRARIES += libnvltransport.la
libnvltransport_la_CFLAGS = $(LIB_CFLAGS) $(PCIACCESS_CFLAGS)
libnvltransport_la_SOURCES = \
	driver/transport/cpus.c \
	driver/transport/device.c \
	driver/transport/emu.c \
	driver/transport/huge.c \
	driver/transport/memory.c \
	driver/transport/mmio.c \
	driver/transport/msix.c \
	driver/transport/msix.h \
	driver/transport/pci.c \
	driver/transport/pci.h \
	driver/transport/pci_access.c \
	driver/transport/pci_bar.c \
	driver/transport/pci_decide.c \
	driver/transport/pci_irq.c \
	driver/transport/pci_keeper.c \
	driver/transport/pci_lease.c \
	driver/transport/pci_steer.c \
	driver/transport/pci_sysfs.c \
	driver/transport/pci_unsafe.c \
	driver/transport/pci_use.c \
	driver/transport/pci_vfio.c \
	driver/transport/transport.c \
	driver/transport/transport.h \
	driver/transport/vfio_user.c \
	driver/transport/vfu.h \
	driver/transport/vfu_setup.c \
	driver/transport/vfu_socket.c \
	$(NULL)

# Public headers only; private ones belong to the sources.
nobase_pkginclude_HEADERS += \
	driver/transport/cpus.h \
	driver/transport/device.h \
	driver/transport/mmio.h \
	driver/transport/pci_list.h \
	$(NULL)
