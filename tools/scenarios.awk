# SPDX-License-Identifier: BSD-3-Clause
# The table of tests/scenarios/README.md, a row for each scenario file that is named.
function value(line) {
	sub(/^[^=]*= */, "", line)
	return line
}

BEGIN { print "| id | class | scenario |\n|---|---|---|" }
FNR == 1 { class = ""; title = "" }
/^class = / && class == "" { class = value($0) }
/^title = / && title == "" {
	title = value($0)
	name = FILENAME
	sub(/.*\//, "", name)
	id = name
	sub(/-.*/, "", id)
	print "| " id " | " class " | [" title "](" name ") |"
}
