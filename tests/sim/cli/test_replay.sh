#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# nvmelab-sim replay: the session of a Linux kernel that the repository has, sessions of our own in all kinds of BAR0, what
# differs, and traces that cannot be replayed. tests/guest/record.sh makes the first one.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99
: "${tap_tmp:?}"
guest=$(cd "${top_srcdir:-.}" && pwd)/tests/traces/guest.jsonl.gz
cd "$tap_tmp" || exit 99
export LC_ALL=C

# record FILE OPTION...: a session of nvmelab with an emulator of these options.
record()
{
	local file=$1 pid
	shift
	rm -f ready
	mkfifo ready
	nvmelab-emulator --socket "$tap_tmp/socket" --trace "$file" "$@" >ready 2>log </dev/null &
	pid=$!
	read -r -t 30 _ <ready || bail_out "no emulator: $(cat log)"
	nvmelab id-ctrl vfio-user:socket >/dev/null &&
		nvmelab write vfio-user:socket -s 8 -c 15 -z 8192 -d random >/dev/null 2>&1 &&
		nvmelab read vfio-user:socket -s 8 -c 15 -z 8192 -d back >/dev/null 2>&1 &&
		nvmelab read vfio-user:socket -s 9 -c 1 -z 1024 -d part >/dev/null 2>&1 &&
		nvmelab dsm vfio-user:socket -n 1 -s 8 -b 4 -d >/dev/null &&
		nvmelab smart-log vfio-user:socket >/dev/null || bail_out "no session: $(cat log)"
	kill "$pid"
	wait "$pid"
}

# changed FILE EXPRESSION: the trace own.jsonl, changed by sed.
changed() { sed -E "$2" own.jsonl >"$1"; }

head -c 8192 /dev/urandom >random
check_output "a Linux kernel's session is as it was recorded" ': as recorded: [0-9]+ accesses, [0-9]+ records compared' \
	nvmelab-sim replay "$guest"
check_output "with every read compared" '"unknown": ?0' sh -c 'nvmelab-sim replay "$1" -o json | tr -d " \n"' sh "$guest"

record own.jsonl
check_output "a session of our own is, too" '^own\.jsonl: as recorded: ' nvmelab-sim replay own.jsonl
check_file "a part of what has one checksum cannot be compared, and is counted" '^  1 reads could not be compared' out
gzip -c own.jsonl >own.jsonl.gz
check "packed, it is the same" nvmelab-sim replay own.jsonl.gz
for options in "--controller trace_data=true" "--bar0 doorbells" "--bar0 shared" "--clock virtual" \
	"--controller dbbuf=true,reorder=4" "--controller msix=false" "--controller msix=false,msi=false" \
	"--ns size=8M,lba=4096 --serial other"; do
	# shellcheck disable=SC2086 # words
	record other.jsonl $options
	check "so is one with $options" nvmelab-sim replay other.jsonl
done

# Rules of faults are in the header, and the same ones fire again at the same places.
printf '%b' '[scenario]\nformat = 1\nseed = 7\n' \
	'[fault busy]\nat = cmd.retire\nwhen = op == read\ntimes = 1\ndo = status 0/82\n' \
	'[fault late]\nat = cqe.post\nwhen = op == write\ndo = delay 20ms\n' \
	'[fault flip]\nat = xfer.out\nwhen = op == read\nchance = 1/2\ndo = flip 3:ff\n' >faults.ini
record faults.jsonl --scenario faults.ini --controller trace_data=true
check "the rules of a scenario are in the header" grep -q '"setup":".*\[fault busy\]' faults.jsonl
check "they did something" grep -q '"event":"fault"' faults.jsonl
check "with rules of faults it is as it was, too" nvmelab-sim replay faults.jsonl
sed -E '1s/status 0\/82/status 0\/83/' faults.jsonl >other.jsonl
check_status "another status is exit code 1" 1 nvmelab-sim replay other.jsonl
sed -E '1s/times = 1\\n//' faults.jsonl >other.jsonl
check_status "a rule that fires once more is exit code 1" 1 nvmelab-sim replay other.jsonl
check_file "and told" 'the rules of faults do something else' out
printf '%b' '[scenario]\nformat = 1\n[fault slow]\nat = ctrl.ready\ndo = delay 50ms\n' \
	'[fault warm]\nat = cmd.retire\nwhen = op == write\nnth = 1\ndo = temperature 400\n' >faults.ini
record life.jsonl --scenario faults.ini --clock virtual
check "so is a controller that is slow and gets warm" nvmelab-sim replay life.jsonl

# What differs.
changed setup.jsonl '1s/\[controller\]\\n/[controller]\\nmqes = 63\\n/'
check_status "another configuration is exit code 1" 1 nvmelab-sim replay setup.jsonl
check_file "what was recorded is shown" '^recorded .* reg\.read +CAP ' out
check_file "and what the controller does" '^replayed .* reg\.read +CAP ' out
check_status "in JSON, too" 1 nvmelab-sim replay setup.jsonl -o json
check_file "with both" '"replayed"' out
changed status.jsonl '/"event":"cqe\.post","qid":1/s/"status":0/"status":1/'
check_status "so is another completion" 1 nvmelab-sim replay status.jsonl
check_file "with its status in words" '^recorded .* cqe\.post .* status=0x1 \(Invalid Command Opcode\)' out
changed identify.jsonl '/"event":"xfer\.out","qid":0.*"data"/s/"data":"../"data":"00/'
check_status "so is other data" 1 nvmelab-sim replay identify.jsonl
check_file "with the byte" 'the data differ from byte 0 on' out

# What cannot be replayed.
check_status "a file that is not there" 3 nvmelab-sim replay nosuch.jsonl
check_file "is named" '^nvmelab-sim: .*cannot open nosuch\.jsonl: ' err
head -c 20000 own.jsonl >cut.jsonl
check_status "a trace that was cut" 2 nvmelab-sim replay cut.jsonl
check_file "is told" 'cut\.jsonl: the last line has no end: the trace was cut' err
head -c 3000 own.jsonl.gz >cut.jsonl.gz
check_status "a packed one that was cut" 3 nvmelab-sim replay cut.jsonl.gz
check_file "is named" 'cut\.jsonl\.gz' err
nvmelab-sim run --trace both.jsonl - <<<$'[scenario]\nformat = 1' >/dev/null
check_status "a trace of both sides" 2 nvmelab-sim replay both.jsonl
check_file "has no setup" 'both\.jsonl:1: not a trace of nvmelab-emulator: the first line has no "setup"' err
changed key.jsonl '1s/\[controller\]\\n/[controller]\\nnosuch = 1\\n/'
check_status "a setup that is wrong" 2 nvmelab-sim replay key.jsonl
check_file "is told with its line" 'key\.jsonl:1: "setup":5: .*nosuch' err
changed ctrl.jsonl '9s/"ctrl":0/"ctrl":7/'
changed rule.jsonl '1s/"setup":"([^"]*)/"setup":"\1\\n[fault lose]\\nat = db.write\\ndo = drop\\n/'
check_status "a rule whose doorbells are not in the trace" 2 nvmelab-sim replay rule.jsonl
check_file "is named" 'rule\.jsonl:1: "setup": \[fault lose\] at db\.write cannot be replayed: ' err
changed rule.jsonl '1s/"setup":"([^"]*)/"setup":"\1\\n[fault tear]\\nat = media.write\\ndo = torn 3\\n/'
check_status "and one whose data are not" 2 nvmelab-sim replay rule.jsonl
check_file "with the key that it takes" '\[fault tear\] at media\.write cannot be replayed: .*trace_data' err
sed '9a {"seq":8,"time":"0x0","ctrl":0,"event":"fault","rule":0,"site":0,"data":"'"$(printf '61%062d' 0)"'"}' own.jsonl >loaded.jsonl
check_status "a rule that the header does not have" 2 nvmelab-sim replay loaded.jsonl
check_file "is told with its line" 'loaded\.jsonl:10: cannot be replayed: rules of faults were loaded from outside' err
check_status "a controller that there is not" 2 nvmelab-sim replay ctrl.jsonl
check_file "is told with its line" 'ctrl\.jsonl:9: "ctrl" is 7, and the subsystem has 1 controllers' err
changed bytes.jsonl '/"event":"reg\.read"/s/"bytes":[0-9]+/"bytes":100000/'
check_status "an access that no host does" 2 nvmelab-sim replay bytes.jsonl
check_file "is told with its field and what is allowed" 'bytes\.jsonl:[0-9]+: reg\.read: "bytes" is 100000; allowed: 1 to 4096' err
changed field.jsonl '/"event":"reg\.read"/s/"offset":/"ofset":/'
check_status "a field that is not there" 3 nvmelab-sim replay field.jsonl
check_file "is named with its line" 'field\.jsonl:[0-9]+: event .* without a number "offset"' err
tap_done
