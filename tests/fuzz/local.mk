# SPDX-License-Identifier: BSD-3-Clause
# libFuzzer targets with --enable-fuzzer, else programs that replay the corpus as a test.
# Each target: fuzz_programs += tests/fuzz/fuzz_X, corpus in tests/fuzz/corpus/fuzz_X/.
fuzz_programs += \
	$(NULL)
test_scripts += \
	$(NULL)
EXTRA_DIST += \
	$(NULL)
