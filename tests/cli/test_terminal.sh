#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What is shown on a terminal alone: bars that are drawn again in their place and are gone at the end, and colour. The
# terminal is a pseudo terminal of script(1).
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99
command -v script >/dev/null || skip_all "script is not installed (Debian: bsdutils)"

export TERM=xterm
unset NO_COLOR
bar=$'\r\033\\[K\\[[#-]+\\] +[0-9]+ %'
head -c 65536 /dev/urandom >"$tap_tmp/image"
head -c 33554432 /dev/urandom >"$tap_tmp/data"

# on_terminal COMMAND: what it writes to one is $tap_tmp/screen; shown: what is to be seen of that at the end.
on_terminal() { script -qec "$1" /dev/null </dev/null >"$tap_tmp/screen"; }
shown() { sed $'s/.*\r\033\\[K//' "$tap_tmp/screen" | tr -d '\r'; }

bars() { grep -oE "$bar" "$tap_tmp/screen" | wc -l; }
bars_in_place() { [ "$(grep -cE "$bar" "$tap_tmp/screen")" -le 1 ]; }
bars_are_gone() { ! shown | grep -qE '\[[#-]+\]'; }

# shows NAME LEAST REGEX COMMAND: at least LEAST bars in one place, none in the end, where a line matches; elsewhere none.
shows()
{
	local name=$1 least=$2 regex=$3 command=$4
	check "$name: on a terminal" on_terminal "$command"
	if [ "$(bars)" -ge "$least" ]; then ok "$name: a bar is drawn"; else not_ok "$name: a bar is drawn" "$(bars) bars" "$(cat -v "$tap_tmp/screen")"; fi
	check "$name: again in its place" bars_in_place
	check "$name: and is gone at the end" bars_are_gone
	check_output "$name: the result is there" "$regex" shown
	check "$name: elsewhere" sh -c "$command"
	cat "$tap_tmp/out" "$tap_tmp/err" >"$tap_tmp/plain"
	check "$name: elsewhere nothing moves" sh -c '! grep -q "$1" "$2"' sh $'[\r\033]' "$tap_tmp/plain"
	check_file "$name: the result is the same there" "$regex" "$tap_tmp/plain"
}

shows perf 2 '^IOPS +[0-9]' 'nvmelab perf --time 1'
shows "perf, two parts" 2 'every byte read is right$' 'nvmelab perf --time 1 --verify --size 32M'
shows check-io 1 'every byte is right$' 'nvmelab check-io --ns size=256M --driver io_timeout=60s --controller service_time=3ms'
shows format 2 '^Success formatting namespace:1' 'nvmelab format --lbaf 0 --controller format_time=1s'
shows sanitize 2 '"result" : "success"' 'nvmelab sanitize -a start-block-erase --wait -o json --controller sanitize_time=1s'
shows self-test 2 ' passed$' 'nvmelab device-self-test -s 1 --wait --controller self_test_time=1s'
shows fw-download 2 'Firmware download success' "nvmelab fw-download --fw '$tap_tmp/image' --xfer 4096"
shows write 2 'write: Success' "nvmelab write -c 65535 -d '$tap_tmp/data'"
shows read 2 'read: Success' "nvmelab read -c 65535 -d '$tap_tmp/read'"
check "all of it was read" [ "$(stat -c %s "$tap_tmp/read")" -eq 33554432 ]

# An error leaves no half of a line.
cat "$tap_tmp/image" "$tap_tmp/image" >"$tap_tmp/large"
check_status "an error under a bar" 1 on_terminal "nvmelab fw-download --fw '$tap_tmp/large' --xfer 4096"
check "there was a bar" [ "$(bars)" -ge 2 ]
check "no bar is left" bars_are_gone

# A terminal that cannot be told where to write.
check "a dumb terminal" on_terminal 'TERM=dumb nvmelab perf --time 1'
check "nothing moves there" sh -c '! grep -q "$1" "$2"' sh $'\033' "$tap_tmp/screen"

# Colour: of errors and headings.
red=$'\033\\[1;31mnvmelab: '
bold=$'^\033\\[1m'
on_terminal 'nvmelab id-ctrl nowhere'
check_file "an error is red" "$red" "$tap_tmp/screen"
on_terminal 'nvmelab help'
check_file "a heading is bold" "$bold" "$tap_tmp/screen"
for way in 'NO_COLOR=1' 'TERM=dumb'; do
	on_terminal "$way nvmelab id-ctrl nowhere; $way nvmelab help"
	check "$way: no colour" sh -c '! grep -q "$1" "$2"' sh $'\033' "$tap_tmp/screen"
done
on_terminal 'NO_COLOR= nvmelab help'
check_file "NO_COLOR that is empty does not count" "$bold" "$tap_tmp/screen"
on_terminal 'NO_COLOR=1 nvmelab perf --time 1'
check "NO_COLOR leaves the bar" [ "$(bars)" -ge 2 ]
check_status "an error elsewhere" 2 nvmelab id-ctrl nowhere
check "has no colour" sh -c '! grep -q "$1" "$2"' sh $'\033' "$tap_tmp/err"
tap_done
