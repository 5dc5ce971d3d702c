# SPDX-License-Identifier: BSD-3-Clause
# The cores elsewhere: other compilers, other machines, WebAssembly. The scripts build what they need; the process
# of this build is what all others are compared with.
helper_programs += tests/cross/selftest
tests_cross_selftest_SOURCES = tests/cross/main.c tests/cross/selftest.c
tests_cross_selftest_LDADD = libnvlcore.la libemucore.la libcommon.la

test_scripts += \
	tests/cross/test_aarch64.sh \
	tests/cross/test_symbols.sh \
	tests/cross/test_wasm.sh \
	$(NULL)

noinst_HEADERS += tests/cross/selftest.h
EXTRA_DIST += \
	tests/cross/bare_memory.c \
	tests/cross/cross.sh \
	tests/cross/golden.sh \
	tests/cross/golden.txt \
	tests/cross/golden/bring-up.ini \
	tests/cross/golden/chance.ini \
	tests/cross/golden/lost.ini \
	tests/cross/golden/mixed.ini \
	tests/cross/golden/power.ini \
	tests/cross/ring_code.c \
	tests/cross/ring_threads.c \
	tests/cross/wasm_host.c \
	tests/cross/wasm_run.mjs \
	$(NULL)
