#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# nvmelab-sim explain: what is drawn of a scenario and of traces, what is left out, and the picture.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99
: "${tap_tmp:?}"
cd "$tap_tmp" || exit 99
cat >late.ini <<'END'
[scenario]
format = 1
title = Lost <for> good & ever
class = C
clause = Base 2.0 3.1

[workload]
pattern = write
ops = 60

[fault lose]
at = cqe.post
when = q == 1
nth = 5
do = drop

[expect]
driver.timeouts = 1
END
sed -e 's/at = cqe.post/at = media.write/; s/^when.*//; s/^driver.timeouts.*//' late.ini >lost.ini

check "a scenario is drawn" nvmelab-sim explain late.ini
cp out late.txt
check_file "its title" '^Lost <for> good & ever$' late.txt
check_file "its class, in words" '^class C: ' late.txt
check_file "its clause" '^rests on Base 2\.0 3\.1$' late.txt
check_file "a doorbell is an arrow to the controller" '\|-- SQ 1 doorbell: tail [0-9]+ -> [0-9]+ -+>\|$' late.txt
check_file "a completion is an arrow to the host, with its status and phase" \
	'\|<-+ CQE: CID [0-9]+ of SQ 1, Successful Completion, phase [01], SQHD [0-9]+ --\|$' late.txt
check_file "an interrupt, too" '\|<-+ interrupt: vector [0-9]+ --\|$' late.txt
check_file "a fetch is beside the controller" '\| +fetches slot [0-9]+ of SQ 1: write of 8 blocks from LBA [0-9]+, CID [0-9]+ \|$' late.txt
check_file "a rule that fired is marked" ' !\| +fault lose at cqe\.post \|$' late.txt
check_file "so is the timeout" ' \*\| timeout: write of 8 blocks' late.txt
check_file "and the abort" ' \*\| fills slot [0-9]+ of SQ 0: abort of CID [0-9]+ of SQ 1' late.txt
check_file "and the reset" ' \*\| +Controller Reset \|$' late.txt
check_file "register writes of the reset are arrows" '\|-- CC = 0x[0-9a-f]+: disable -+>\|$' late.txt
check_file "bring-up is left out" '\.\.\. bring-up: [0-9]+ steps, [0-9]+ commands \.\.\.' late.txt
check_file "so are commands to which nothing happened" '\.\.\. [0-9]+ commands like this \.\.\.' late.txt
check_file "marks are explained" '^ +! a fault rule fired ' late.txt
check_file "at the end stands what came of it" '^as it should be$' late.txt
check "it is short" sh -c '[ "$(wc -l <"$1")" -lt 70 ]' sh late.txt
check "and no wider than 100 columns" sh -c '! grep -qE "^.{101}" "$1"' sh late.txt
check_output "--all leaves nothing out" '^ .*prp\.resolved' nvmelab-sim explain --all late.ini
cp out all.txt
check "no gap is there" sh -c '! grep -q "\.\.\. [0-9b]" "$1"' sh all.txt

check "a scenario that fails is drawn all the same" nvmelab-sim explain lost.ini
check_file "the step at which the oracle failed is marked" '\|## oracle honest failed: a write was acknowledged' out
if awk '/fault lose/ { fault = NR } /CQE:/ { cqe = NR } /## oracle/ { exit !(fault && cqe > fault && NR > cqe && NR < cqe + 8) }' out; then
	ok "where it failed: soon after that completion"
else
	not_ok "where it failed: soon after that completion" "$(cat out)"
fi

# Bring-up is drawn when something happens there.
printf '[scenario]\nformat = 1\n[fault stuck]\nat = ctrl.ready\ndo = hang\n[expect]\ntime.ms = 0..100000\n' >stuck.ini
check_output "a controller that never gets ready is drawn" ' !\| +fault stuck at ctrl\.ready \|$' nvmelab-sim explain stuck.ini
check_file "with the write that enables it" '\|-- CC = 0x[0-9a-f]+: enable -+>\|$' out

# A trace is drawn as the scenario was, and each side alone as far as it goes.
nvmelab-sim run --trace both.jsonl late.ini >/dev/null
{ sed -n '1s/both/driver/p' both.jsonl; sed -n 's/^{"side":"driver",/{/p' both.jsonl; } >driver.jsonl
{ sed -n '1s/both/controller/p' both.jsonl; sed -n 's/^{"side":"controller",/{/p' both.jsonl; } >controller.jsonl
nvmelab-sim explain both.jsonl >both.txt
check "a trace of both sides gives the same picture" cmp <(grep '|' late.txt) <(grep '|' both.txt)
nvmelab-sim explain --all both.jsonl >all-both.txt
check "with --all, too" cmp <(grep '|' all.txt) <(grep '|' all-both.txt)
check_output "the driver's trace has its timeout" ' \*\| timeout: write' nvmelab-sim explain driver.jsonl
check_output "the controller's has the rule" ' !\| +fault lose at cqe\.post' nvmelab-sim explain controller.jsonl
check_file "and the doorbell of the command" '\|-- SQ 1 doorbell: tail' out
check "a trace of nvmelab's is drawn" sh -c 'nvmelab check-io --size 64K --trace d.jsonl >d.txt && nvmelab-sim explain d.jsonl'
check_file "with its first command" 'fills slot [0-9]+ of SQ 1: write of' out

# The picture.
check "--svg writes a picture" nvmelab-sim explain late.ini --svg late.svg
check_output "- is standard output" '^</svg>$' nvmelab-sim explain late.ini --svg -
check_file "what is special in XML is escaped" '<title>Lost &lt;for&gt; good &amp; ever</title>' late.svg
check_file "it knows dark" '@media \(prefers-color-scheme: dark\)' late.svg
check "it needs nothing else" sh -c '! sed "s/xmlns=[^ ]*//" "$1" | grep -qE "https?://|href|url\("' sh late.svg
check_file "the rule is marked in it" 'class="fault" [^>]*>fault lose at cqe\.post<' late.svg
if command -v xmllint >/dev/null; then
	check "it is XML" xmllint --noout late.svg
else
	skip "it is XML" "xmllint is not installed"
fi
check_status "a picture that cannot be written is exit code 3" 3 nvmelab-sim explain late.ini --svg none/late.svg

# What a trace says is not obeyed by terminals.
{
	head -n 1 controller.jsonl
	echo '{"seq":0,"time":"0x0","ctrl":0,"event":"fault","rule":0,"site":0,"data":"1b5b33316d00"}'
} >red.jsonl
check_output "control characters of a rule's name are escaped" 'fault \\u001b\[31m at reg\.read \|$' nvmelab-sim explain red.jsonl

check_status "a file that is not there is exit code 3" 3 nvmelab-sim explain nosuch
echo '[scenario' >bad.ini
check_status "one that is wrong is exit code 2" 2 nvmelab-sim explain bad.ini
echo '{"format":999,"side":"both"}' >bad.jsonl
check_status "a trace of another format is exit code 3" 3 nvmelab-sim explain bad.jsonl
head -n 1 both.jsonl >empty.jsonl
check "a trace without records is drawn as nothing" nvmelab-sim explain empty.jsonl
tap_done
