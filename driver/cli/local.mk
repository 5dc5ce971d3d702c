# SPDX-License-Identifier: BSD-3-Clause
# What programs of commands share: options, help, manual page and completion from rows; output; trace files.
noinst_LTLIBRARIES += libclibase.la
libclibase_la_CFLAGS = $(APP_CFLAGS) $(GLIB_CFLAGS) $(JSON_GLIB_CFLAGS)
libclibase_la_SOURCES = \
	driver/cli/completion.c \
	driver/cli/error.c \
	driver/cli/error.h \
	driver/cli/files.c \
	driver/cli/files.h \
	driver/cli/help.c \
	driver/cli/options.c \
	driver/cli/options.h \
	driver/cli/output.c \
	driver/cli/output.h \
	driver/cli/program.h \
	driver/cli/run.c \
	driver/cli/trace_file.c \
	driver/cli/trace_file.h \
	driver/cli/trace_text.c \
	$(NULL)

# The command nvmelab. It uses the public libraries, and the names of common/. libcli is all of it but main(),
# for the tests.
noinst_LTLIBRARIES += libcli.la
libcli_la_CPPFLAGS = $(AM_CPPFLAGS) -DPKGLIBDIR='"$(pkglibdir)"'
libcli_la_CFLAGS = $(APP_CFLAGS) $(GLIB_CFLAGS) $(JSON_GLIB_CFLAGS)
libcli_la_LIBADD = libclibase.la
libcli_la_SOURCES = \
	driver/cli/cmd_blocks.c \
	driver/cli/cmd_check_io.c \
	driver/cli/cmd_directive.c \
	driver/cli/cmd_fault.c \
	driver/cli/cmd_feature.c \
	driver/cli/cmd_firmware.c \
	driver/cli/cmd_format.c \
	driver/cli/cmd_host.c \
	driver/cli/cmd_identify.c \
	driver/cli/cmd_ids.c \
	driver/cli/cmd_io.c \
	driver/cli/cmd_list.c \
	driver/cli/cmd_list_pci.c \
	driver/cli/cmd_log.c \
	driver/cli/cmd_log_lists.c \
	driver/cli/cmd_log_pel.c \
	driver/cli/cmd_log_state.c \
	driver/cli/cmd_monitor.c \
	driver/cli/cmd_ns_lists.c \
	driver/cli/cmd_ns_mgmt.c \
	driver/cli/cmd_passthru.c \
	driver/cli/cmd_perf.c \
	driver/cli/cmd_qemu.c \
	driver/cli/cmd_regs.c \
	driver/cli/cmd_resv.c \
	driver/cli/cmd_stats.c \
	driver/cli/cmd_trace.c \
	driver/cli/cmd_with.c \
	driver/cli/command.h \
	driver/cli/command_text.h \
	driver/cli/commands.c \
	driver/cli/danger.c \
	driver/cli/danger.h \
	driver/cli/feature_data.c \
	driver/cli/fields.h \
	driver/cli/fields_feature.c \
	driver/cli/fields_id_ctrl.c \
	driver/cli/fields_id_ns.c \
	driver/cli/fields_ids.c \
	driver/cli/fields_log.c \
	driver/cli/fields_pel.c \
	driver/cli/fields_regs.c \
	driver/cli/help_params.c \
	driver/cli/histogram.c \
	driver/cli/histogram.h \
	driver/cli/host.h \
	driver/cli/job.c \
	driver/cli/job.h \
	driver/cli/list_pci.h \
	driver/cli/params.c \
	driver/cli/params.h \
	driver/cli/print.c \
	driver/cli/print.h \
	driver/cli/rows.h \
	driver/cli/rw.c \
	driver/cli/rw.h \
	driver/cli/send.c \
	driver/cli/send.h \
	driver/cli/session.c \
	driver/cli/session.h \
	driver/cli/stats.h \
	driver/cli/titles.c \
	driver/cli/trace_life.c \
	driver/cli/trace_perfetto.c \
	$(NULL)

bin_PROGRAMS += nvmelab
nvmelab_CFLAGS = $(APP_CFLAGS) $(GLIB_CFLAGS) $(JSON_GLIB_CFLAGS)
nvmelab_SOURCES = driver/cli/main.c
nvmelab_LDADD = \
	libcli.la \
	libnvmelab.la \
	libnvmelab-emulator.la \
	libcommon.la \
	$(JSON_GLIB_LIBS) \
	$(GLIB_LIBS) \
	$(NULL)

# Shells load these by themselves; they ask the program for its completion, which is made from its rows.
bashcompdir = $(datadir)/bash-completion/completions
dist_bashcomp_DATA = driver/cli/completion/nvmelab driver/cli/completion/nvmelab-sim
zshcompdir = $(datadir)/zsh/site-functions
dist_zshcomp_DATA = driver/cli/completion/_nvmelab driver/cli/completion/_nvmelab-sim
