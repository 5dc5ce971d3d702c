# SPDX-License-Identifier: BSD-3-Clause
# The libraries from the outside: installed headers, pkg-config, other languages, other machines.
test_programs += \
	$(NULL)
test_scripts += \
	$(NULL)
