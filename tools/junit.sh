#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Makes one JUnit file, for services that show test results, of the TAP of any number of suites.
#
#	tools/junit.sh LOG... >junit.xml
#
# A suite is a log with TAP, as 'make check' leaves one beside each NAME.trs, and has the name of its file. A suite
# that printed no plan, fewer results than it planned, or "Bail out!" has an error.
# Exit status: 0 whatever the results are; 2 usage, or a log that cannot be read.
set -euo pipefail

[ $# -ge 1 ] || { echo "usage: junit.sh LOG..." >&2; exit 2; }
for log in "$@"; do
	[ -r "$log" ] || { echo "junit.sh: $log cannot be read" >&2; exit 2; }
done
top=$(cd "$(dirname "$0")/.." && pwd)

# Only what XML 1.0 can hold: UTF-8, without control characters.
suite()
{
	local name=${1%.log}
	name=${name#"$top"/}
	name=${name#build/}
	# Where something was left out (-c), newer ones exit with 1.
	{ iconv -f UTF-8 -t UTF-8 -c "$1" || :; } | tr -d '\000-\010\013-\037\177' | awk -v suite="$name" '
		function quote(text)
		{
			gsub(/&/, "\\&amp;", text)
			gsub(/</, "\\&lt;", text)
			gsub(/>/, "\\&gt;", text)
			gsub(/"/, "\\&quot;", text)
			return text
		}
		# The case that is open: what was said after it belongs to it.
		function close_case()
		{
			if (open == "failure")
				cases = cases ">" quote(said) "</failure></testcase>\n"
			open = ""
			said = ""
		}
		function add_case(name, inside)
		{
			close_case()
			count++
			cases = cases "    <testcase classname=\"" quote(suite) "\" name=\"" quote(name) "\""
			cases = cases (inside == "" ? "/>\n" : ">" inside)
		}
		function add_error(what)
		{
			add_case("the suite", "<error message=\"" quote(what) "\"/></testcase>\n")
			errors++
		}
		function add_skip(name, why)
		{
			add_case(name, "<skipped message=\"" quote(why) "\"/></testcase>\n")
			skipped++
		}
		/^1\.\.[0-9]+/ && plan == "" {
			plan = substr($1, 4) + 0
			if (plan == 0) {
				why = $0
				sub(/^1\.\.0 *(# *([Ss][Kk][Ii][Pp][A-Za-z]*)? *)?/, "", why)
				add_skip("the suite", why)
			}
			next
		}
		/^(not )?ok($| )/ {
			good = $1 == "ok"
			name = $0
			sub(/^(not )?ok *[0-9]* *(- *)?/, "", name)
			results++
			if (match(name, / *# *[Ss][Kk][Ii][Pp][A-Za-z]*( |$)/)) {
				add_skip(substr(name, 1, RSTART - 1), substr(name, RSTART + RLENGTH))
			} else if (good) {
				add_case(name, "")
			} else {
				add_case(name, "<failure message=\"not ok\"")
				failures++
				open = "failure"
			}
			next
		}
		/^Bail out!/ {
			add_error($0)
			bailed = 1
			next
		}
		open != "" { said = said $0 "\n" }
		END {
			close_case()
			if (!bailed && plan == "")
				add_error("no plan: it ended early")
			else if (!bailed && plan > 0 && plan != results)
				add_error("planned " plan " results and printed " results + 0)
			printf "  <testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"%d\">\n",
				quote(suite), count, failures, errors, skipped
			printf "%s  </testsuite>\n", cases
		}'
}

echo '<?xml version="1.0" encoding="UTF-8"?>'
echo '<testsuites>'
for log in "$@"; do
	suite "$log"
done
echo '</testsuites>'
