#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# nvmelab with the emulator inside its process: every command, as text and as JSON.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99

keys=${top_srcdir:-.}/tests/cli/nvme-cli-keys
command -v jq >/dev/null || skip_all "jq is not installed"

# json NAME FILTER WANT COMMAND...: it succeeds, and the filter makes WANT of its JSON.
json()
{
	local name=$1 filter=$2 want=$3 got status=0
	shift 3
	"$@" -o json >"$tap_tmp/out" 2>"$tap_tmp/err" </dev/null || status=$?
	got=$(jq -rc "$filter" "$tap_tmp/out" 2>&1)
	if [ "$status" -eq 0 ] && [ "$got" = "$want" ]; then
		ok "$name"
	else
		not_ok "$name" "command: $*" "exit status: $status; $filter gives: $got, expected: $want" \
			"$(tail -n 5 "$tap_tmp/err")"
	fi
}

# The keys of nvme-cli, in its order. Those of NSFEAT.OPTPERF come and go with the bit, sensors with the drive.
optional=npwg,npwa,npdg,npda,nows,temperature_sensor_1,temperature_sensor_2
while read -r command path names; do
	[ "$command" != "#" ] || continue
	json "$command has the keys of nvme-cli at $path" \
		"$path | keys_unsorted - (\"$optional\" | split(\",\")) | join(\" \")" "$names" nvmelab "$command"
done <"$keys"

# Identify and lists
check_output "list prints a line for the namespace" '^emulator +NVMELAB0001 +nvmelab controller +0x1 ' nvmelab list
json "list takes the namespaces that are asked for" '[.Devices[] | [.NameSpace, .PhysicalSize, .SectorSize]]' \
	'[[1,1048576,4096],[7,67108864,512]]' nvmelab list --ns size=1M,lba=4096 --ns nsid=7,size=64M
json "id-ctrl has what the keys of the controller say" '[.sn, .mn, .mdts, .nn]' \
	'["S123                ","My drive                                ",5,9]' \
	nvmelab id-ctrl --controller serial=S123,mdts=5 --controller "model=My drive,nn=9"
json "a profile is where the keys start from" '[.aerl, .acl, .vwc, .nn]' '[0,0,0,1]' nvmelab id-ctrl --profile minimal
check_output "id-ctrl prints a field and its value" '^oncs      : 0x1ff$' nvmelab id-ctrl
check_output "id-ctrl -H prints what bits mean" '^  \[4:4\]   : 0x1	Save and Select: Supported$' nvmelab id-ctrl -H
check_output "id-ctrl -V dumps the vendor's bytes" '^0000: 00 00 00' nvmelab id-ctrl -V
check "id-ctrl -b writes the structure as it came" sh -c '[ "$(nvmelab id-ctrl -b | wc -c)" -eq 4096 ]'
check_output "id-ns prints the format in use" '^lbaf  1 : ms:0   lbads:12 rp:0 \(in use\)$' nvmelab id-ns -n 3 \
	--ns nsid=3,size=1M,lba=4096
check_output "id-ns -H prints it in words" 'Data Size: 512 bytes - Relative Performance: 0 Best \(in use\)$' nvmelab id-ns -H
check "id-ns -b writes the structure as it came" sh -c '[ "$(nvmelab id-ns -b | wc -c)" -eq 4096 ]'
json "list-ns begins with the identifier that is asked for" '[.nsid_list[].nsid]' '[4,9]' nvmelab list-ns -n 2 \
	--ns size=1M --ns nsid=4,size=1M --ns nsid=9,size=1M
check_output "list-ns prints identifiers in hexadecimal" '^\[   0\]:0x1f$' nvmelab list-ns --ns nsid=31,size=1M

# Registers
json "show-regs shows a controller that is ready" '[.cc, .csts]' '[4587521,1]' nvmelab show-regs
json "show-regs --no-start leaves it as it is" '[.cc, .csts, .aqa]' '[0,0,0]' nvmelab show-regs --no-start
json "show-regs has every register of the specification" 'length' 28 nvmelab show-regs
check_output "show-regs -H explains CSTS" 'Ready \(RDY\): yes' nvmelab show-regs -H
check "reset is silent" sh -c '[ -z "$(nvmelab reset 2>&1)" ]'
json "reset says that the controller is live" '.state' live nvmelab reset
check_output "reset -v says how long it took" 'live again after' sh -c 'nvmelab reset -v 2>&1'

# Logs
json "smart-log has a healthy drive" '[.critical_warning, .avail_spare, .percent_used]' '[0,100,0]' nvmelab smart-log
check_output "smart-log prints degrees" '^temperature +: [0-9]+ °C \([0-9]+ K\)$' nvmelab smart-log
check "smart-log -b writes the log as it came" sh -c '[ "$(nvmelab smart-log -b | wc -c)" -eq 512 ]'
json "error-log prints as many entries as asked for" '.errors | length' 3 nvmelab error-log -e 3
json "error-log prints no more than there are" '.errors | length' 2 nvmelab error-log -e 99 --controller elpe=1
check_output "error-log prints an entry" '^ Entry\[ 1\]' nvmelab error-log -e 2
json "fw-log has the revision" '.emulator["Firmware Rev Slot 1"]' '2314885530819571248 (0.1.....)' nvmelab fw-log
check_output "fw-log prints the active slot" '^afi  : 0x1$' nvmelab fw-log
json "effects-log knows commands by name" '.[0].admin_cmd_set["ACS_6 (Identify)"]' 1 nvmelab effects-log
check_output "effects-log prints a line for each command" '^IOCS1    \[Write +\] 00000003$' nvmelab effects-log
check_output "effects-log -H explains it" 'Logical block contents may change: yes' nvmelab effects-log -H

# Features
check_output "get-feature prints a value" '^get-feature:0x06 \(Volatile Write Cache\), Current value:0x00000001$' \
	nvmelab get-feature -f 6
check_output "get-feature -H explains it" 'Volatile Write Cache Enable \(WCE\): Enabled' nvmelab get-feature -f 6 -H
json "get-feature has nvme-cli's two members" '[.["feature: 0x06"][0].Current, .["Feature: 0x06"][0]["Volatile Write Cache Enable (WCE)"]]' \
	'["0x00000001","Enabled"]' nvmelab get-feature -f 6
json "get-feature -s 3 lists what can be done with it" '.["Feature: 0x06: select"]' '["saveable","changeable"]' \
	nvmelab get-feature -f 6 -s 3
check_output "get-feature -H explains power loss signaling" 'Power Loss Signaling Mode \(PLSM\): not enabled' \
	nvmelab get-feature -f 0x1b -H --controller power_loss=true
json "get-feature has the class of latency" '.["Feature: 0x1c"][0]["random 4 kib average read latency (R4KARL)"]' \
	'greater than or equal to 50 microseconds and less than 100 microseconds (0x0e)' \
	nvmelab get-feature -f 0x1c --controller perf=true,service_time=80us
json "get-feature lists performance attributes" '.["Feature: 0x1c"][0]["unused saveable vendor specific performance attributes (USVSPA)"]' \
	1 nvmelab get-feature -f 0x1c --cdw11 0xc0 --controller perf=true
json "get-feature has what such an attribute is" '.["Feature: 0x1c"][0] | [.["performance attribute identifier (PAID)"], .["vendor specific (VS)"]]' \
	'["6e766d65-6c61-8062-8073-74696d650001","8038010000000000"]' \
	nvmelab get-feature -f 0x1c --cdw11 0xc1 --controller perf=true,service_time=80us
json "get-feature without an identifier prints all" 'has("feature: 0x01") and has("feature: 0x0b") and (has("feature: 0x7f") | not)' \
	true nvmelab get-feature
check_output "set-feature prints what was set" '^set-feature:0x02 \(Power Management\), value:00000000, cdw12:00000000, save:0$' \
	nvmelab set-feature -f 2 -v 0
json "set-feature prints it as JSON too" '[.feature, .value]' '[6,"0x00000001"]' nvmelab set-feature -f 6 -V 1
printf '\001' >"$tap_tmp/behavior"
printf '\3\0\17\0%028d' 0 | tr 0 '\0' >"$tap_tmp/errors"
check_output "errors to be injected come from a file" '^set-feature:0xc0 .*, value:0x00000001,' \
	nvmelab set-feature --controller error_injection=true -f 0xc0 -V 1 -l 32 -d "$tap_tmp/errors"
check_output "a controller begins without any" '^get-feature:0xc0 .*, Current value:00000000$' \
	nvmelab get-feature --controller error_injection=true -f 0xc0 -l 4096
check_status "errors of one namespace are refused" 1 \
	nvmelab set-feature --controller error_injection=true -f 0xc0 -V 1 -l 32 -d /dev/zero --namespace-id 1
check_output "set-feature reads a data structure from a file" '^set-feature:0x16' nvmelab set-feature -f 0x16 -d "$tap_tmp/behavior"

# Data. The namespace is a file, so that it stays from one command to the next.
media=$tap_tmp/media
ns=size=1M,file=$media
head -c 1000 /dev/urandom >"$tap_tmp/data"
check "write takes a file" nvmelab write --ns "$ns" -s 8 -c 1 -d "$tap_tmp/data"
check_file "and says so on standard error" '^write: Success$' "$tap_tmp/err"
check "read gives a file" nvmelab read --ns "$ns" -s 8 -c 1 -d "$tap_tmp/read"
{ cat "$tap_tmp/data"; head -c 24 /dev/zero; } >"$tap_tmp/expected"
check "what was written is read, and the rest is zeros" cmp "$tap_tmp/expected" "$tap_tmp/read"
nvmelab read --ns "$ns" -s 8 -c 1 -z 1000 >"$tap_tmp/piped" 2>/dev/null
check "read to a pipe is the data and nothing else" cmp "$tap_tmp/data" "$tap_tmp/piped"
nvmelab write --ns "$ns" -s 0 -c 1 <"$tap_tmp/data" 2>/dev/null
check "write takes standard input" cmp -n 1000 "$tap_tmp/data" "$media"
check "write takes the largest transfer and more" sh -c \
	'head -c 1048576 /dev/urandom >"$1" && nvmelab write --ns "$2" -c 2047 -d "$1" --force-unit-access && cmp "$1" "$3"' \
	sh "$tap_tmp/large" "$ns" "$media"
check_output "show-command prints the command" '^cdw12 +: 40000001$' nvmelab read -c 1 -f -V -w
check_output "flush" '^NVMe Flush: success$' nvmelab flush --ns "$ns"
json "flush as JSON" '.result' success nvmelab flush -n 1
check_output "check-io compares every byte" '^check-io: 16 MiB written .* and read back .*, 4 KiB a command, depth 32: every byte is right$' \
	nvmelab check-io
json "check-io as JSON" '[.bytes, .commands, .wrong_blocks, .seed]' '[262144,32,0,99]' \
	nvmelab check-io --size 256K -b 16K -q 4 --seed 99
check "check-io with interrupts and a virtual clock" nvmelab check-io --size 1M --interrupts --clock virtual
check "check-io past the end of a namespace" nvmelab check-io --ns size=1M --size 64M --queue-depth 1
json "perf counts and measures" \
	'(.iops > 0) and (.bytes_per_sec == .iops * 4096 or .bytes_per_sec > 0) and (.latency_ns | .p50 <= .p99 and .p99 <= .p99_9 and .p99_9 <= .max)' \
	true nvmelab perf --time 1
json "perf mixes reads and writes, and verifies" '(.reads > 0) and (.writes > 0) and .verified' true \
	nvmelab perf --time 1 --pattern randrw --verify --queues 3 -q 8 --ns size=4M
check_output "perf as text" '^latency +mean ' nvmelab perf --time 1 --pattern write -b 8K -q 1

check_output "perf --stats has the queues" '^queue 2: depth 4, polled$' nvmelab perf --time 1 --queues 2 -q 4 --stats
json "check-io --stats as JSON" '.queues[1] | [.queue, .submitted, .completed, .errors]' '[1,33,33,0]' \
	nvmelab check-io --size 64K --stats
check_output "stats says what the driver has" '^emulator: live, 1 I/O queue pair of 128 entries, 0 vectors' nvmelab stats
json "stats as JSON" '[.state, (.queues | map(.queue)), .recovery.reset]' '["live",[0,1],0]' nvmelab stats
check "monitor prints an object on a line" sh -c \
	'nvmelab monitor --clock virtual --time 5 -o json | jq -se "length >= 3 and all(.[]; .state == \"live\" and .celsius == 40)"'
check_output "monitor as text" '^   2\.000  live  40 °C  read 0/s 0 B/s  write 0/s 0 B/s$' nvmelab monitor --clock virtual --time 4
check "monitor of events alone is silent without any" sh -c '[ -z "$(nvmelab monitor --clock virtual --time 4 --events)" ]'

# Raw commands
check_output "admin-passthru prints a dump" '^0000: 4c 4e 4c 4e 4e 56 4d 45' nvmelab admin-passthru -O 6 -4 1 -l 64 -r
json "admin-passthru as JSON" '[.command, .result, .data[0]]' '["Identify","0x00000000","4c4e4c4e4e564d454c41423030303120"]' \
	nvmelab admin-passthru --opcode=6 --cdw10=1 --data-len=64 --read
check "admin-passthru -b writes the data" sh -c '[ "$(nvmelab admin-passthru -O 6 -4 1 -l 4096 -r -b | wc -c)" -eq 4096 ]'
check_output "io-passthru sends a flush" '^IO Command Flush is Success and result: 0x00000000$' nvmelab io-passthru -O 0 -n 1
check "io-passthru writes a file" nvmelab io-passthru --ns "$ns" -O 1 -n 1 -4 4 -l 512 -w -i "$tap_tmp/data"
check "and reads it back" sh -c 'nvmelab io-passthru --ns "$1" -O 2 -n 1 -4 4 -l 512 -r -b | cmp -n 512 - "$2"' \
	sh "$ns" "$tap_tmp/data"
check_output "a dry run prints and sends nothing" '^opcode +: c1$' nvmelab admin-passthru -O 0xc1 -d

# Traces of both sides, of one run
check "a run can be traced on both sides" nvmelab check-io --size 64K -b 16K --interrupts --clock virtual \
	--trace "$tap_tmp/driver" --controller-trace "$tap_tmp/controller"
check_output "a controller's trace has the commands by name" 'sqe\.fetch .* opcode=02h \(read\)' nvmelab trace "$tap_tmp/controller"
check_output "a driver's trace has its states" 'driver\.state .*state=live' nvmelab trace "$tap_tmp/driver"
json "events can be picked" 'map(.event) | unique' '["cqe.post"]' nvmelab trace "$tap_tmp/controller" -e cqe.post
json "events can be picked by a pattern and a queue" 'map([.event, .qid]) | unique' '[["db.cq",1],["db.sq",1]]' \
	nvmelab trace "$tap_tmp/controller" --event 'db.*' --qid 1
check_output "records' bytes can be seen" '^0000: 02 00 ' nvmelab trace "$tap_tmp/controller" -e sqe.fetch -d
json "a life goes from doorbell to doorbell" '[.events[].event] | join(" ")' \
	'db.sq sqe.fetch cmd.execute prp.list prp.resolved media media.done xfer.out cqe.post irq.raise db.cq' \
	nvmelab trace "$tap_tmp/controller" --life last-read
check_output "a life as text" '^The life of a command: read of 32 blocks from block 96 of namespace 1 \(queue 1, CID ' \
	nvmelab trace "$tap_tmp/controller" --life last-read
check "for Perfetto" sh -c 'nvmelab trace "$1" --perfetto | jq -e ".traceEvents | length > 50"' sh "$tap_tmp/controller"
check "a trace from standard input" sh -c 'nvmelab trace - <"$1"' sh "$tap_tmp/driver"
nvmelab check-io --size 64K -b 16K --interrupts --clock virtual --seed 1 --trace "$tap_tmp/a" >/dev/null
nvmelab check-io --size 64K -b 16K --interrupts --clock virtual --seed 1 --trace "$tap_tmp/b" >/dev/null
check "equal runs under a virtual clock give equal traces" cmp "$tap_tmp/a" "$tap_tmp/b"

# QEMU
json "qemu gives the arguments" '.argv[-1] | fromjson | [.driver, .socket.path]' '["vfio-user-pci","/run/x y.sock"]' \
	nvmelab qemu "/run/x y.sock"
check_output "qemu quotes for a shell" "^	-device '\\{\"driver\":\"vfio-user-pci\"" nvmelab qemu /run/x.sock
json "qemu takes memory" '.argv | index("memory-backend-memfd,id=mem,size=512M,share=on") != null' true \
	nvmelab qemu vfio-user:/run/x.sock --memory 512M

check_output "version" '^nvmelab [0-9]+\.[0-9]+' nvmelab version
json "version as JSON" '.version | test("^[0-9]")' true nvmelab version
# Metadata never come from where nobody put them: the controller makes them, or the namespace is refused.
check "check-io with protection information" nvmelab check-io --size 1M --ns size=16M,ms=8,pi=1
check_status "check-io with other metadata" 3 nvmelab check-io --ns size=16M,ms=16,pi=1
check_status "perf with other metadata" 3 nvmelab perf --time 1 --ns size=16M,ms=8
tap_done
