# SPDX-License-Identifier: BSD-3-Clause
# Programs that know nothing of this project, with driver/preload before their C library.
helper_programs += \
	tests/preload/calls \
	tests/preload/model \
	tests/preload/submit_io \
	$(NULL)
tests_preload_model_LDADD =
tests_preload_submit_io_LDADD =
test_scripts += \
	tests/preload/test_calls.sh \
	tests/preload/test_programs.sh \
	$(NULL)
