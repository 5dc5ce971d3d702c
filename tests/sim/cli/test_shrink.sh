#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# nvmelab-sim shrink: what is left of a scenario that fails is what makes it fail.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99
: "${tap_tmp:?}"
cd "$tap_tmp" || exit 99

# A lost write among much that does not matter.
cat >lost.ini <<'E2'
[scenario]
format = 1
seed = 0x5eed
title = A lost write, and noise
[controller]
mqes = 63
vwc = true
[namespace 1]
size = 4M
[driver]
queues = 2
io_timeout = 5s
[workload]
ops = 400
queue_depth = 16
flush_every = 9
think = 5us
before.50 = reset
before.90 = rescan
[fault slow]
at = cqe.post
when = q == 1
every = 7
do = delay 3ms
[fault refuse]
at = cmd.execute
when = op == read && lba in 0..4000
chance = 1/4
do = status 0/82
[fault lose]
at = media.write
when = q == 1 && blocks == 8
chance = 1/9
do = drop
[expect]
app.errors = 0..
E2

check_status "the scenario fails" 1 nvmelab-sim run lost.ini
check "it is made smaller" nvmelab-sim shrink --write small.ini lost.ini
check_file "and how small is said" 'an oracle failed; 1 rule of 3 and [0-9] operations? of 400 are left, after [0-9]+ runs' err
check_status "what is left fails" 1 nvmelab-sim run small.ini
check_file "for the same reason" 'oracle honest' out
check_file "with the rule that does it" '^\[fault lose\]$' small.ini
check "and no other" sh -c '! grep -E "slow|refuse|before|io_timeout|mqes" small.ini'
check "there is no chance in it" sh -c '! grep chance small.ini'
check "it cannot be made smaller" nvmelab-sim shrink --write again.ini small.ini
check "whatever is tried" cmp small.ini again.ini
check_output "without a file it is printed" '^\[fault lose\]$' nvmelab-sim shrink small.ini

printf '[scenario]\nformat = 1\n[expect]\ndriver.resets = 2\napp.ok = 1..\n' >missed.ini
check_output "an expectation is kept that is missed" '^driver.resets = 2$' nvmelab-sim shrink missed.ini
check "and one that is met is not" sh -c "! grep app.ok '$tap_tmp/out'"

printf '[scenario]\nformat = 1\n' >fine.ini
check_status "what does not fail cannot be shrunk" 1 nvmelab-sim shrink fine.ini
check_file "and it says so" 'fine.ini does not fail: there is nothing to keep' err
printf '[scenario]\nformat = 2\n' >bad.ini
check_status "a bad file" 2 nvmelab-sim shrink bad.ini
check_status "no file" 3 nvmelab-sim shrink none.ini
check_status "no room to write" 3 nvmelab-sim shrink --write no/folder/x.ini small.ini

tap_done
