#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# tools/junit.sh: one file of every suite's TAP.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99

junit=$(cd "${top_srcdir:-.}" && pwd)/tools/junit.sh
cd "$tap_tmp" || exit 99

# expect NAME LINE...: of suite.log, the lines within the suite's element are these.
expect()
{
	local name=$1
	shift
	printf '%s\n' "$@" >wanted
	bash "$junit" suite.log >xml 2>err || echo "exit $?" >>xml
	sed '1,2d;$d' xml | grep -v '</testsuite>' >found
	if cmp -s wanted found; then ok "$name"; else not_ok "$name" "$(diff wanted found)"; fi
}

printf 'ok 1 - it works\nok 2 - so does this\n1..2\n' >suite.log
expect "results are cases" \
	'  <testsuite name="suite" tests="2" failures="0" errors="0" skipped="0">' \
	'    <testcase classname="suite" name="it works"/>' \
	'    <testcase classname="suite" name="so does this"/>'
printf '1..2\nnot ok 1 - 1 < 2 & "3"\n# found: <4>\nok 2 - after it\n' >suite.log
expect "a failure has what was said after it, and nothing breaks the form" \
	'  <testsuite name="suite" tests="2" failures="1" errors="0" skipped="0">' \
	'    <testcase classname="suite" name="1 &lt; 2 &amp; &quot;3&quot;"><failure message="not ok"># found: &lt;4&gt;' \
	'</failure></testcase>' \
	'    <testcase classname="suite" name="after it"/>'
printf 'ok 1 - by message # SKIP no such device\nok # skip\nok\n1..3\n' >suite.log
expect "what was skipped says why" \
	'  <testsuite name="suite" tests="3" failures="0" errors="0" skipped="2">' \
	'    <testcase classname="suite" name="by message"><skipped message="no such device"/></testcase>' \
	'    <testcase classname="suite" name=""><skipped message=""/></testcase>' \
	'    <testcase classname="suite" name=""/>'
printf '1..0 # SKIP only as root\n' >suite.log
expect "a suite that was skipped is one case" \
	'  <testsuite name="suite" tests="1" failures="0" errors="0" skipped="1">' \
	'    <testcase classname="suite" name="the suite"><skipped message="only as root"/></testcase>'
printf '1..3\nok 1 - the first\n' >suite.log
expect "a suite that ended before its plan is an error" \
	'  <testsuite name="suite" tests="2" failures="0" errors="1" skipped="0">' \
	'    <testcase classname="suite" name="the first"/>' \
	'    <testcase classname="suite" name="the suite"><error message="planned 3 results and printed 1"/></testcase>'
printf 'Segmentation fault\n' >suite.log
expect "so is one without a plan" \
	'  <testsuite name="suite" tests="1" failures="0" errors="1" skipped="0">' \
	'    <testcase classname="suite" name="the suite"><error message="no plan: it ended early"/></testcase>'
printf 'ok 1 - the first\nBail out! no socket\n' >suite.log
expect "so is one that gave up" \
	'  <testsuite name="suite" tests="2" failures="0" errors="1" skipped="0">' \
	'    <testcase classname="suite" name="the first"/>' \
	'    <testcase classname="suite" name="the suite"><error message="Bail out! no socket"/></testcase>'
printf 'ok 1 - bytes \001\033[1m\377 and \303\244\n1..1\n' >suite.log
expect "what XML cannot hold is left out" \
	'  <testsuite name="suite" tests="1" failures="0" errors="0" skipped="0">' \
	"    <testcase classname=\"suite\" name=\"bytes [1m and $(printf '\303\244')\"/>"

printf 'ok 1 - the other\n1..1\n' >other.log
check "several suites are one file" bash "$junit" suite.log other.log
cp out both
if [ "$(head -n 2 both | tr -d '\n')" = '<?xml version="1.0" encoding="UTF-8"?><testsuites>' ] &&
	[ "$(tail -n 1 both)" = '</testsuites>' ] && [ "$(grep -c '<testsuite ' both)" -eq 2 ]; then
	ok "with one root"
else
	not_ok "with one root" "$(cat both)"
fi
check_status "without a log it says how it is used" 2 bash "$junit"
check_status "a log that is not there is named" 2 bash "$junit" none.log
check_file "by its name" 'none\.log cannot be read' "$tap_tmp/err"
tap_done
