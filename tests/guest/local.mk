# SPDX-License-Identifier: BSD-3-Clause
# A stock Linux guest in QEMU as the client: 'make check-guest'; and a build on its system: 'make check-debian13'.
# The longest one first, as two go at a time.
guest_tests += \
	tests/guest/pci.sh \
	tests/guest/commands.sh \
	tests/guest/data.sh \
	tests/guest/features.sh \
	tests/guest/hotplug.sh \
	tests/guest/keys.sh \
	tests/guest/kinds.sh \
	tests/guest/manage.sh \
	tests/guest/multipath.sh \
	tests/guest/reset.sh \
	tests/guest/restart.sh \
	$(NULL)
# That run in a guest.
guest_programs += \
	tests/integration/test_bring_up \
	tests/integration/test_interrupts \
	tests/integration/test_io \
	tests/integration/test_reset \
	$(NULL)
EXTRA_DIST += \
	tests/guest/boot \
	tests/guest/debian13.sh \
	tests/guest/host.sh \
	tests/guest/init \
	tests/guest/inside.sh \
	tests/guest/record.sh \
	tests/guest/setup \
	$(NULL)
