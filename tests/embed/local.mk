# SPDX-License-Identifier: BSD-3-Clause
# The libraries from the outside: what 'make install' gives to somebody who has nothing else.
test_scripts += \
	tests/embed/test_baremetal.sh \
	tests/embed/test_install.sh \
	$(NULL)
EXTRA_DIST += \
	tests/embed/embed.c \
	$(NULL)
