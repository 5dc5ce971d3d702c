# SPDX-License-Identifier: BSD-3-Clause
# Hostile clients, devices and files. The clients talk to the real nvmelab-emulator.
test_programs += \
	tests/hostile/test_bars \
	tests/hostile/test_clients \
	tests/hostile/test_framing \
	tests/hostile/test_irqs \
	tests/hostile/test_memory \
	tests/hostile/test_messages \
	tests/hostile/test_spdk \
	tests/hostile/test_talk \
	$(NULL)
test_scripts += \
	tests/hostile/test_program.sh \
	$(NULL)

check_LTLIBRARIES += libraw.la
libraw_la_SOURCES = \
	tests/hostile/client.c \
	tests/hostile/client.h \
	tests/hostile/host.c \
	tests/hostile/host.h \
	$(NULL)

tests_hostile_test_bars_LDADD = libraw.la $(test_libs)
tests_hostile_test_clients_LDADD = libraw.la $(test_libs)
tests_hostile_test_framing_LDADD = libraw.la $(test_libs)
tests_hostile_test_irqs_LDADD = libraw.la libemuserver.la libemudevice.la libemujudge.la libemucore.la $(test_libs) $(URING_LIBS)
tests_hostile_test_memory_LDADD = libraw.la $(test_libs)
tests_hostile_test_messages_LDADD = libraw.la $(test_libs)
tests_hostile_test_spdk_LDADD = libraw.la $(test_libs)
tests_hostile_test_talk_LDADD = libraw.la $(test_libs)
