#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The host driver on the real BAR0 of a PCI function, in a stock Linux guest behind an IOMMU, through VFIO: QEMU's own
# NVMe device with several namespaces, metadata, protection information and a CMB, and the emulator of this project.
# Errors with the command that helps, a drive that is borrowed and given back, interrupts, the driver's integration
# tests, and the commands of docs/pci.md.
#
#	tests/guest/pci.sh [PART...]	PART: vfio page unsafe pull emulator
#
# shellcheck disable=SC2154,SC2054 # what inside.sh has in the guest; QEMU's commas
. "${top_srcdir:-.}/tests/guest/host.sh"

# fails NAME STATUS TEXT COMMAND...: it exits with STATUS, and its error says TEXT.
fails()
{
	local name=$1 wanted=$2 text=$3 status=0
	shift 3
	"$@" >"$inside_tmp/out" 2>"$inside_tmp/err" </dev/null || status=$?
	if [ "$status" -eq "$wanted" ] && grep -qF -- "$text" "$inside_tmp/err"; then
		pass "$name"
	else
		fail "$name" "command: $*" "exit status: $status, expected: $wanted" "no such text: $text" \
			"$(tail -n 5 "$inside_tmp/err" "$inside_tmp/out")"
	fi
}

# function_of SERIAL: pci:0000:00:03.0, of a drive that the kernel's driver has.
function_of() { echo "pci:$(pci_of "$(controller "$1")")"; }

has_driver() { [ "$(driver_of "$1")" = "$2" ]; }

# has_disk SERIAL NSID: the kernel's driver has the drive, and has found the namespace.
has_disk() { [ -b "/dev/$(disk "$(controller "$1")" "$2" 2>/dev/null)" ]; }

driver_of() { basename "$(readlink "/sys/bus/pci/devices/${1#pci:}/driver")" 2>/dev/null; }

# vfio FUNCTION, back FUNCTION: change its driver for good.
vfio()
{
	local name=${1#pci:}
	echo vfio-pci >"/sys/bus/pci/devices/$name/driver_override"
	[ ! -e "/sys/bus/pci/devices/$name/driver" ] || echo "$name" >"/sys/bus/pci/devices/$name/driver/unbind"
	echo "$name" >/sys/bus/pci/drivers_probe
}

back()
{
	local name=${1#pci:}
	echo >"/sys/bus/pci/devices/$name/driver_override"
	echo "$name" >"/sys/bus/pci/devices/$name/driver/unbind"
	echo "$name" >/sys/bus/pci/drivers_probe
}

# Everything that is refused, and that nothing happened to the drive.
refusals()
{
	local drive=$1 serial=$2 name=${1#pci:} disk group hint
	disk=$(disk "$(controller "$serial")" 1)
	fails "no such function" 3 "there is no PCI function 0000:7f:00.0" nvmelab id-ctrl pci:0000:7f:00.0
	fails "no name" 2 "pci:DOMAIN:BUS:DEV.FN" nvmelab id-ctrl pci:nvme0
	fails "another class" 2 "not an NVMe controller (010802h)" nvmelab id-ctrl pci:0000:00:00.0
	fails "the kernel's driver has it" 3 "bound to the kernel's driver nvme" nvmelab id-ctrl "$drive"
	fails "vfio-pci is not loaded" 3 "modprobe vfio-pci" nvmelab id-ctrl "$drive" --rebind
	modprobe vfio-pci
	fails "an IOMMU that translates" 3 "leave --unsafe-dma out" nvmelab id-ctrl "$drive" --unsafe-dma --rebind

	mkfs.ext4 -q "/dev/$disk" && mkdir -p /run/mnt && mount "/dev/$disk" /run/mnt
	fails "mounted" 3 "$disk is mounted on /run/mnt" nvmelab id-ctrl "$drive" --rebind
	check "the list says so" sh -c "nvmelab list --pci | grep '$name .*$disk is mounted on /run/mnt'"
	umount /run/mnt
	unshare --mount --propagation private \
		sh -c "mount /dev/$disk /run/mnt && touch /run/held && exec sleep 1000" >/dev/null 2>&1 &
	check "mounted elsewhere" wait_for 60 test -e /run/held
	fails "mounted where we do not see it" 3 "$disk is held by somebody" nvmelab id-ctrl "$drive" --rebind
	kill $!
	wait $! 2>/dev/null
	mkswap "/dev/$disk" >/dev/null && swapon "/dev/$disk"
	fails "swap space" 3 "$disk is swap space" nvmelab id-ctrl "$drive" --rebind
	swapoff "/dev/$disk"
	same "nothing was rebound" nvme "$(driver_of "$drive")"

	# The command that the sentence has does help.
	nvmelab id-ctrl "$drive" 2>"$inside_tmp/err"
	hint=$(sed -n "1s/.*for good: '\(.*\)'.*/\1/p" "$inside_tmp/err")
	check "the command that helps" bash -c "$hint"
	same "it was of use" vfio-pci "$(driver_of "$drive")"
	check "now it opens" nvmelab id-ctrl "$drive"
	group=/dev/vfio/$(basename "$(readlink "/sys/bus/pci/devices/$name/iommu_group")")
	fails "not root" 3 "$group may not be opened" setpriv --reuid=nobody --clear-groups nvmelab id-ctrl "$drive"
	chown nobody "$group"
	fails "memory that may not be locked" 3 "ulimit -l" \
		bash -c "ulimit -l 64; setpriv --reuid=nobody --clear-groups nvmelab id-ctrl '$drive'"
	nvmelab perf "$drive" --time 600 >/dev/null 2>&1 &
	wait_for 60 busy_group "$group"
	fails "another program has it" 3 "fuser -v $group" nvmelab id-ctrl "$drive"
	kill -KILL $!
	wait $! 2>/dev/null
	check "after a program that was killed" nvmelab check-io "$drive" --size 1M
	fails "no driver at all" 3 "no driver is bound" sh -c \
		"echo '$name' >/sys/bus/pci/drivers/vfio-pci/unbind; nvmelab id-ctrl '$drive'"
	check "rebound from no driver" nvmelab id-ctrl "$drive" --rebind
	check "it has none again" test ! -e "/sys/bus/pci/devices/$name/driver"
	echo >"/sys/bus/pci/devices/$name/driver_override"
	echo "$name" >/sys/bus/pci/drivers_probe
	same "the kernel has it again" nvme "$(driver_of "$drive")"
}

# busy_group FILE: somebody has it open.
busy_group() { ! sh -c "exec 9<>'$1'" 2>/dev/null; }

# The vectors of vfio that fired, all together.
fired() { awk '/vfio-(msix|msi|intx)/ { for (i = 2; i <= 3; i++) sum += $i } END { print sum + 0 }' /proc/interrupts; }

# Everything that a program does with a drive that it has for itself.
work()
{
	local drive=$1 name=$2 before now
	shift 2
	head -c 65536 /dev/urandom >/run/data
	check "$name: Identify Controller" nvmelab id-ctrl "$drive" "$@"
	check "$name: registers" nvmelab show-regs "$drive" "$@"
	check "$name: SMART" nvmelab smart-log "$drive" "$@"
	check "$name: write" nvmelab write "$drive" --start-block 77 --block-count 127 --data-size 65536 --data /run/data "$@"
	check "$name: read" nvmelab read "$drive" --start-block 77 --block-count 127 --data-size 65536 --data /run/read "$@"
	check "$name: what was written" cmp /run/data /run/read
	check "$name: every byte is right, polled" nvmelab check-io "$drive" --size 16M "$@"
	check "$name: every byte is right, by system calls" nvmelab check-io "$drive" --no-mapping --size 1M "$@"
	before=$(fired)
	nvmelab perf "$drive" --interrupts --time 600 "$@" >/dev/null 2>&1 &
	check "$name: interrupts come" wait_for 120 more_fired "$before"
	kill $!
	wait $! 2>/dev/null
	[[ "$*" != *--rebind* ]] || check "$name: given back by a program that was killed" wait_for 60 has_driver "$drive" nvme
	check "$name: every byte is right, by interrupts" nvmelab check-io "$drive" --interrupts --size 16M "$@"
	check "$name: reset" nvmelab reset "$drive" "$@"
}

more_fired() { now=$(fired) && [ $((now - $1)) -gt 100 ]; }

# The driver's own tests on a drive that vfio-pci has.
integration()
{
	local drive=$1 suite
	shift
	for suite; do
		NVMELAB_TEST_DEVICE=$drive CK_TIMEOUT_MULTIPLIER=10 "test_$suite" >"$inside_tmp/suite" 2>&1
		grep -E '^(not )?ok' "$inside_tmp/suite" |
			sed -E "s/^(not ok|ok) [0-9]+ - [^:]*:[^:]*:([^:]*)(: )?.*/\1 - $drive: $suite: \2/"
		check "$drive: $suite has a plan" grep -q '^1\.\.[1-9]' "$inside_tmp/suite"
		grep -A3 '^not ok' "$inside_tmp/suite" | sed 's/^/# /'
	done
}

# metadata DRIVE NAME NSID DATA_BYTES METADATA_BYTES: 128 blocks with their metadata are read as they were written.
metadata()
{
	local drive=$1 name=$2 meta=$5
	local blocks=(--namespace-id "$3" --start-block 256 --block-count 127 --data-size "$4" --metadata-size "$5")
	head -c "$4" /dev/urandom >/run/data
	head -c "$5" /dev/urandom >/run/meta
	check "$name: written" nvmelab write "$drive" "${blocks[@]}" --data /run/data --metadata /run/meta
	check "$name: read" nvmelab read "$drive" "${blocks[@]}" --data /run/read --metadata /run/back
	check "$name: the data" cmp /run/data /run/read
	[ "$meta" -eq 0 ] || check "$name: the metadata" cmp /run/meta /run/back
}

# tuples DRIVE NSID: protection information of type 1 that the controller makes, the host gets and gives back.
tuples()
{
	local drive=$1
	local blocks=(--namespace-id "$2" --start-block 256 --block-count 127) whole=(--metadata-size 1024 --prinfo 7)
	head -c 65536 /dev/urandom >/run/data
	check "tuples: made by the controller" nvmelab write "$drive" "${blocks[@]}" --data /run/data --prinfo 8 --ref-tag 256
	check "tuples: read and checked" nvmelab read "$drive" "${blocks[@]}" "${whole[@]}" --ref-tag 256 --data /run/read --metadata /run/meta
	check "tuples: the data" cmp /run/data /run/read
	check "tuples: written as they are" nvmelab write "$drive" "${blocks[@]}" "${whole[@]}" --ref-tag 256 --data /run/data --metadata /run/meta
	printf x | dd of=/run/data bs=1 seek=5000 conv=notrunc 2>/dev/null
	fails "tuples: data that do not fit them" 1 "Guard Check" \
		nvmelab write "$drive" "${blocks[@]}" "${whole[@]}" --ref-tag 256 --data /run/data --metadata /run/meta
}

# Formats, several namespaces, a CMB.
kinds()
{
	local multi=$1 cmb=$2
	same "five namespaces" '1 2 3 4 5' "$(nvmelab list-ns "$multi" --rebind -o json | jq '.nsid_list[].nsid' | words)"
	check "blocks of 4096 bytes" nvmelab check-io "$multi" --rebind --size 16M --namespace-id 2
	check "protection information, made and stripped" nvmelab check-io "$multi" --rebind --size 16M --namespace-id 3
	# Five namespaces in one go with the drive: those whose metadata are moved, apart and with each block.
	vfio "$multi"
	metadata "$multi" "metadata of 64 bytes, apart" 4 65536 8192
	metadata "$multi" "metadata of 8 bytes, in each block" 5 66560 0
	tuples "$multi" 3
	back "$multi"
	check "the kernel has its disks" wait_for 60 has_disk multi 2
	check "the kernel reads what is there then" dd "if=/dev/$(disk "$(controller multi)" 2)" of=/dev/null bs=64k count=16 iflag=direct
	check "a CMB" nvmelab check-io "$cmb" --rebind --size 16M
	holds "its registers say so: CAP.CMBS" \
		"($(nvmelab show-regs "$cmb" --rebind -o json | sed -n 's/.*"cap" : \([0-9]*\).*/\1/p') >> 57) & 1"
}

inside()
{
	local drive
	PATH=$1/bin:$PATH
	local plain multi cmb
	plain=$(function_of plain) multi=$(function_of multi) cmb=$(function_of cmb)
	same "the list has all of them" 3 "$(nvmelab list --pci | grep -c '1b36:0010 nvme ')"
	refusals "$plain" plain
	work "$multi" "borrowed" --rebind
	same "given back" nvme "$(driver_of "$multi")"
	check "the kernel sees its disk again" wait_for 60 has_disk multi 1
	kinds "$multi" "$cmb"
	vfio "$plain"
	work "$plain" "kept"
	integration "$plain" bring_up io interrupts reset
	back "$plain"
	same "back with the kernel" nvme "$(driver_of "$plain")"
	check "the kernel has its disk" wait_for 60 has_disk plain 1
	drive=$(disk "$(controller plain)" 1)
	check "the kernel reads and writes" dd if=/run/data of="/dev/$drive" bs=64k oflag=direct
	same "the kernel finds no fault" '' "$(dmesg | grep -E 'DMAR.*[Ff]ault|BUG: [^s]|Oops|WARNING:')"
}

# The commands of docs/pci.md, in order; they leave the drive to the kernel.
page()
{
	local block
	PATH=$1/bin:$PATH
	for block in "$1"/page/*; do
		check "docs/pci.md: $(basename "$block")" bash -e "$block"
	done
}

# Without an IOMMU: physical addresses, and no interrupts.
unsafe()
{
	local drive name before
	PATH=$1/bin:$PATH
	drive=$(function_of plain) name=${drive#pci:}
	fails "no IOMMU" 3 "no IOMMU keeps the device" nvmelab id-ctrl "$drive" --rebind
	fails "the kernel's driver has it" 3 "bound to the kernel's driver nvme" nvmelab id-ctrl "$drive" --unsafe-dma
	fails "huge pages" 3 "/proc/sys/vm/nr_hugepages" nvmelab id-ctrl "$drive" --unsafe-dma --rebind
	echo 64 >/proc/sys/vm/nr_hugepages
	fails "not root" 3 "--rebind needs root" \
		setpriv --reuid=nobody --clear-groups nvmelab id-ctrl "$drive" --unsafe-dma --rebind
	fails "no interrupts" 2 "--interrupts and --unsafe-dma" nvmelab id-ctrl "$drive" --unsafe-dma --rebind --interrupts
	check "borrowed: every byte is right" nvmelab check-io "$drive" --unsafe-dma --rebind
	same "given back" nvme "$(driver_of "$drive")"
	echo "$name" >/sys/bus/pci/drivers/nvme/unbind
	fails "not root, without a driver" 3 "--unsafe-dma needs root" \
		setpriv --reuid=nobody --clear-groups nvmelab id-ctrl "$drive" --unsafe-dma
	setpci -s "$name" COMMAND=0:6
	before="$(setpci -s "$name" COMMAND) $(cat "/sys/bus/pci/devices/$name/enable")"
	check "no driver: every byte is right" nvmelab check-io "$drive" --unsafe-dma
	same "no driver: the command register is as before" "$before" \
		"$(setpci -s "$name" COMMAND) $(cat "/sys/bus/pci/devices/$name/enable")"
	check "no driver: perf" nvmelab perf "$drive" --unsafe-dma --time 1
	export NVMELAB_TEST_UNSAFE_DMA=1
	integration "$drive" bring_up io reset
	modprobe uio_pci_generic
	echo uio_pci_generic >"/sys/bus/pci/devices/$name/driver_override"
	echo "$name" >/sys/bus/pci/drivers_probe
	same "uio has it" uio_pci_generic "$(driver_of "$drive")"
	check "uio: every byte is right" nvmelab check-io "$drive" --unsafe-dma
	check "uio: reset" nvmelab reset "$drive" --unsafe-dma
	echo "$name" >/sys/bus/pci/drivers/uio_pci_generic/unbind
	echo >"/sys/bus/pci/devices/$name/driver_override"
	echo "$name" >/sys/bus/pci/drivers_probe
	check "the kernel has it again" wait_for 60 is_live "$(controller plain)"
}

# pull NAME OPTION...: the drive is pulled out while it works; the program says so and ends.
pull()
{
	local name=$1 status=0
	shift
	# What the drive before this one had said is no sign of life.
	: >"$inside_tmp/perf"
	nvmelab perf pci:0000:01:00.0 --time 3000 --log info "$@" >"$inside_tmp/out" 2>"$inside_tmp/perf" &
	check "$name: it works" wait_for 120 grep -q ': live: ' "$inside_tmp/perf"
	host unplug
	wait $! || status=$?
	same "$name: exit code" 3 "$status"
	check "$name: the error says why" grep -q 'the device is gone' "$inside_tmp/perf" || cat "$inside_tmp/perf"
	check "$name: the function is gone" wait_for 120 test ! -e /sys/bus/pci/devices/0000:01:00.0
	fails "$name: and stays so" 3 "there is no PCI function" nvmelab id-ctrl pci:0000:01:00.0
}

plugged()
{
	wait_for 120 test -e /sys/bus/pci/devices/0000:01:00.0 && wait_for 120 test -e /sys/class/nvme/nvme0 &&
		wait_for 120 is_live nvme0
}

hotplug()
{
	local way
	PATH=$1/bin:$PATH
	if [ "$2" = vfio ]; then
		modprobe vfio-pci
	else
		echo 40 >/proc/sys/vm/nr_hugepages
	fi
	shift 2
	for way in once again; do
		host plug
		check "$way: plugged" plugged
		check "$way: every byte is right" nvmelab check-io pci:0000:01:00.0 --rebind --size 1M "$@"
		pull "$way" --rebind "$@"
	done
	same "the kernel finds no fault" '' "$(dmesg | grep -E 'BUG: [^s]|Oops|WARNING:')"
}

# The emulator of this project, as the guest's own device.
emulated()
{
	local drive name
	PATH=$1/bin:$PATH
	modprobe vfio-pci
	for name in vectors line; do
		drive=$(function_of $name)
		work "$drive" "emulator, $name" --rebind
		same "emulator, $name: given back" nvme "$(driver_of "$drive")"
	done
	drive=$(function_of vectors)
	vfio "$drive"
	integration "$drive" bring_up io interrupts
}

guest_said()
{
	case $1 in
	plug) guest_qmp '{"execute":"device_add","arguments":{"driver":"nvme","id":"pulled","bus":"root0","serial":"plain","drive":"plain"}}' ;;
	unplug) guest_qmp '{"execute":"device_del","arguments":{"id":"pulled"}}' ;;
	*) not_ok "the guest said something that nobody expects" "$*" ;;
	esac
}

# iommu [OPTION]: the next guest has one.
iommu()
{
	guest_args+=(-machine kernel-irqchip=split -device "intel-iommu,intremap=on${1:+,$1}")
	export APPEND=intel_iommu=on
}

# port: a PCI Express port; what is behind it is 0000:01:00.0.
port() { guest_args+=(-device "pcie-root-port,id=root0,bus=pcie.0,slot=1,chassis=1"); }

# nvme SERIAL [PROPERTY...]: QEMU's own, with one namespace.
nvme()
{
	local serial=$1
	shift
	guest_drive "$serial"
	guest_args+=(-device "$(IFS=,; echo "nvme,serial=$serial,drive=$serial${*:+,$*}")")
}

# blocks FENCE: puts the blocks of docs/pci.md with this info string below $guest_dir/page.
blocks()
{
	rm -rf "$guest_host_dir/page"
	mkdir "$guest_host_dir/page"
	awk -v folder="$guest_host_dir/page" -v fence="^\`\`\`$1\$" '$0 ~ fence { file = sprintf("%s/%02d", folder, ++n); next }
		/^```/ { file = "" } file && sub(/^\$ /, "") { print > file }' "${top_srcdir:-.}/docs/pci.md"
}

try_vfio()
{
	guest_send fails function_of has_driver has_disk driver_of vfio back refusals busy_group fired more_fired work integration metadata tuples kinds
	iommu
	nvme plain
	nvme cmb cmb_size_mb=16
	guest_args+=(-device nvme,serial=multi,id=multi)
	guest_drive small
	guest_args+=(-device nvme-ns,bus=multi,nsid=1,drive=small)
	guest_drive blocks
	guest_args+=(-device nvme-ns,bus=multi,nsid=2,drive=blocks,logical_block_size=4096,physical_block_size=4096)
	guest_drive pi
	guest_args+=(-device nvme-ns,bus=multi,nsid=3,drive=pi,ms=8,pi=1)
	guest_drive apart
	guest_args+=(-device nvme-ns,bus=multi,nsid=4,drive=apart,ms=64)
	guest_drive extended
	guest_args+=(-device nvme-ns,bus=multi,nsid=5,drive=extended,ms=8,mset=1)
	MODULES=nvme,ext4 GUEST_TIMEOUT=900 guest_run vfio inside "$guest_dir"
}

try_page()
{
	iommu
	port
	nvme plain bus=root0
	blocks 'sh'
	guest_run page page "$guest_dir"
	unset APPEND
	port
	nvme plain bus=root0
	blocks 'sh no-iommu'
	guest_run "page, no IOMMU" page "$guest_dir"
}

try_unsafe()
{
	guest_send fails function_of has_driver driver_of integration
	nvme plain
	GUEST_TIMEOUT=900 guest_run unsafe unsafe "$guest_dir"
}

# try_pull WAY OPTION...
try_pull()
{
	[ "$1" = unsafe ] || iommu
	guest_qmp_begin
	port
	guest_drive plain
	guest_send fails pull plugged
	# QEMU (11.1) frees its NVMe device while that still reads and writes, and may not survive it.
	GUEST_EXIT='0|134|139' guest_run "pulled out, $1" hotplug "$guest_dir" "$@"
	guest_qmp_end
}

try_emulator()
{
	guest_emulator vectors --serial vectors
	guest_emulator line --serial line --controller msix=false,msi=false
	iommu caching-mode=on
	# QEMU unmaps whatever an IOMMU might have mapped, and complains when it was not.
	guest_noise=vfio_container_dma_unmap
	guest_device vectors
	guest_device line
	guest_send function_of has_driver driver_of vfio fired more_fired work integration
	guest_run emulator emulated "$guest_dir"
	guest_emulator_end vectors
	guest_emulator_end line
}

guest_program nvmelab tests/integration/test_{bring_up,io,interrupts,reset}
for image in plain cmb small blocks pi apart extended; do
	guest_image "$image" 64
done
[ $# -gt 0 ] || set -- vfio page unsafe pull emulator
for part; do
	unset APPEND
	case $part in
	pull)
		try_pull vfio
		unset APPEND
		try_pull unsafe --unsafe-dma
		;;
	*) "try_$part" ;;
	esac
done
tap_done
