# SPDX-License-Identifier: BSD-3-Clause
# One suite for each source file, named test_FILE.
test_programs += \
	tests/unit/test_backend \
	tests/unit/test_bits \
	tests/unit/test_bitset \
	tests/unit/test_blockmap \
	tests/unit/test_cache \
	tests/unit/test_crc \
	tests/unit/test_emu_block \
	tests/unit/test_emu_config \
	tests/unit/test_emu_meta \
	tests/unit/test_emu_own \
	tests/unit/test_emu_scenario \
	tests/unit/test_barmem \
	tests/unit/test_device \
	tests/unit/test_disk \
	tests/unit/test_dma \
	tests/unit/test_fault \
	tests/unit/test_ini \
	tests/unit/test_le \
	tests/unit/test_marks \
	tests/unit/test_media_table \
	tests/unit/test_medium \
	tests/unit/test_nbd \
	tests/unit/test_ns_spec \
	tests/unit/test_nvme_names \
	tests/unit/test_nvme_spec \
	tests/unit/test_nvl_block \
	tests/unit/test_nvl_complete \
	tests/unit/test_nvl_cpus \
	tests/unit/test_nvl_ctrl \
	tests/unit/test_nvl_data \
	tests/unit/test_nvl_io \
	tests/unit/test_nvl_keys \
	tests/unit/test_nvl_mgmt \
	tests/unit/test_nvl_mmio \
	tests/unit/test_nvl_events \
	tests/unit/test_nvl_faults \
	tests/unit/test_nvl_ladder \
	tests/unit/test_nvl_life \
	tests/unit/test_nvl_resend \
	tests/unit/test_nvl_retry \
	tests/unit/test_nvl_serve \
	tests/unit/test_nvl_shadow \
	tests/unit/test_nvl_short \
	tests/unit/test_nvl_sweep \
	tests/unit/test_nvl_memory \
	tests/unit/test_nvl_ns \
	tests/unit/test_nvl_pci \
	tests/unit/test_nvl_pci_lease \
	tests/unit/test_nvl_prp \
	tests/unit/test_nvl_queues \
	tests/unit/test_nvl_quirks \
	tests/unit/test_nvl_text \
	tests/unit/test_nvl_timeout \
	tests/unit/test_nvl_vfu \
	tests/unit/test_random \
	tests/unit/test_scenario \
	tests/unit/test_state_file \
	tests/unit/test_text \
	tests/unit/test_vfio_user \
	$(NULL)

# Documentation that names tests.
test_scripts += \
	tests/unit/test_nvl_faults_table.sh \
	$(NULL)

# Compares our structures with libnvme's; each side is an object of its own.
if HAVE_LIBNVME
test_programs += \
	tests/unit/test_offsets \
	$(NULL)
endif
tests_unit_test_offsets_SOURCES = \
	tests/unit/libnvme_offsets.c \
	tests/unit/nvme_offsets.c \
	tests/unit/offsets.h \
	tests/unit/offsets_data.def \
	tests/unit/offsets_identify.def \
	tests/unit/offsets_numbers.def \
	tests/unit/test_offsets.c \
	$(NULL)

# A BAR0 that faults, where there is one.
trapbar_tests = \
	tests/unit/test_trap_decode \
	tests/unit/test_trapbar \
	tests/unit/test_trapbar_host \
	$(NULL)
if HAVE_TRAPBAR
test_programs += $(trapbar_tests)
endif
trap_sources = \
	tests/unit/trap_driver.c \
	tests/unit/trap_driver.h \
	tests/unit/trap_rig.c \
	tests/unit/trap_rig.h \
	$(NULL)
tests_unit_test_trapbar_SOURCES = tests/unit/test_trapbar.c $(trap_sources)
tests_unit_test_trapbar_host_SOURCES = tests/unit/test_trapbar_host.c $(trap_sources)

# A medium and what it needs.
medium_sources = \
	tests/unit/medium.c \
	tests/unit/medium.h \
	$(NULL)
server_sources = \
	tests/unit/nbd_server.c \
	tests/unit/nbd_server.h \
	$(NULL)
tests_unit_test_backend_SOURCES = tests/unit/test_backend.c $(medium_sources)
tests_unit_test_cache_SOURCES = tests/unit/test_cache.c $(medium_sources)
tests_unit_test_medium_SOURCES = tests/unit/test_medium.c $(medium_sources) $(server_sources)
tests_unit_test_nbd_SOURCES = tests/unit/test_nbd.c $(medium_sources) $(server_sources)

# A controller that does as a test says.
fake_sources = \
	tests/unit/nvl_fake.c \
	tests/unit/nvl_fake_admin.c \
	tests/unit/nvl_fake.h \
	$(NULL)
tests_unit_test_nvl_block_SOURCES = tests/unit/test_nvl_block.c $(fake_sources)
tests_unit_test_nvl_complete_SOURCES = tests/unit/test_nvl_complete.c $(fake_sources)
tests_unit_test_nvl_ctrl_SOURCES = tests/unit/test_nvl_ctrl.c $(fake_sources)
tests_unit_test_nvl_events_SOURCES = tests/unit/test_nvl_events.c $(fake_sources)
tests_unit_test_nvl_faults_SOURCES = tests/unit/test_nvl_faults.c $(fake_sources)
tests_unit_test_nvl_ladder_SOURCES = tests/unit/test_nvl_ladder.c $(fake_sources)
tests_unit_test_nvl_shadow_SOURCES = tests/unit/test_nvl_shadow.c $(fake_sources)
tests_unit_test_nvl_serve_SOURCES = tests/unit/test_nvl_serve.c $(fake_sources)
# Requests to the system go through the test, which has the k-th one fail.
tests_unit_test_nvl_short_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc \
	-Wl,--wrap=mmap,--wrap=memfd_create,--wrap=ftruncate,--wrap=eventfd
tests_unit_test_nvl_sweep_SOURCES = tests/unit/test_nvl_sweep.c $(fake_sources)
tests_unit_test_nvl_resend_SOURCES = tests/unit/test_nvl_resend.c $(fake_sources)
tests_unit_test_nvl_retry_SOURCES = tests/unit/test_nvl_retry.c $(fake_sources)
tests_unit_test_nvl_life_SOURCES = tests/unit/test_nvl_life.c $(fake_sources)
tests_unit_test_nvl_quirks_SOURCES = tests/unit/test_nvl_quirks.c $(fake_sources)
tests_unit_test_nvl_data_SOURCES = tests/unit/test_nvl_data.c $(fake_sources)
tests_unit_test_nvl_io_SOURCES = tests/unit/test_nvl_io.c $(fake_sources)
tests_unit_test_nvl_keys_SOURCES = tests/unit/test_nvl_keys.c $(fake_sources)
tests_unit_test_nvl_mgmt_SOURCES = tests/unit/test_nvl_mgmt.c $(fake_sources)
tests_unit_test_disk_LDADD = libnvldisk.la $(test_libs)
tests_unit_test_nvl_ns_SOURCES = tests/unit/test_nvl_ns.c $(fake_sources)
tests_unit_test_nvl_pci_CFLAGS = $(AM_CFLAGS) $(PCIACCESS_CFLAGS)
tests_unit_test_nvl_pci_lease_CFLAGS = $(AM_CFLAGS) $(PCIACCESS_CFLAGS)
tree_sources = \
	tests/unit/nvl_pci_tree.c \
	tests/unit/nvl_pci_tree.h \
	$(NULL)
tests_unit_test_nvl_pci_SOURCES = tests/unit/test_nvl_pci.c $(tree_sources)
tests_unit_test_nvl_pci_lease_SOURCES = tests/unit/test_nvl_pci_lease.c $(tree_sources)
tests_unit_test_nvl_prp_SOURCES = tests/unit/test_nvl_prp.c $(fake_sources)
tests_unit_test_nvl_queues_SOURCES = tests/unit/test_nvl_queues.c $(fake_sources)
tests_unit_test_nvl_text_SOURCES = tests/unit/test_nvl_text.c $(fake_sources)
tests_unit_test_nvl_timeout_SOURCES = tests/unit/test_nvl_timeout.c $(fake_sources)
tests_unit_test_nvl_vfu_SOURCES = \
	tests/unit/nvl_vfu_server.c \
	tests/unit/nvl_vfu_server.h \
	tests/unit/test_nvl_vfu.c \
	$(NULL)
