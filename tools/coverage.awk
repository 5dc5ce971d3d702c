# SPDX-License-Identifier: BSD-3-Clause
# What gcov prints, as a table of the project's own files: for each the share of lines and of branches that were
# reached, by name, and their total. gcov ends with a total of all that it read, headers of the system too: the paragraph
# without a file is left out.
/^$/ { file = "" }
/^File / { file = $2; gsub(/\047/, "", file) }
file !~ /^(common|driver|emulator)\// { next }
/^Lines executed/ { note(line, lines) }
/^Taken at least once/ { note(branch, branches) }
END {
	for (file in lines) {
		row(file, file)
		all_line += line[file] * lines[file]
		all_lines += lines[file]
		all_branch += branch[file] * branches[file]
		all_branches += branches[file]
	}
	if (all_lines == 0)
		exit
	file = "~" # behind every name
	lines[file] = all_lines
	line[file] = all_line / all_lines
	branches[file] = all_branches
	if (all_branches)
		branch[file] = all_branch / all_branches
	row(file, "total")
}

# note(PERCENT, COUNT): "SOMETHING:PERCENT% of COUNT" is of this file.
function note(percent, count,	part)
{
	split($0, part, /[:%]| of /)
	percent[file] = part[2]
	count[file] = part[4]
}

# row(FILE, NAME): a line of the table, behind the key that it is sorted by.
function row(file, name)
{
	printf "%s\t%6.1f %% of %6d lines  %6s %% of %6d branches  %s\n", file, line[file], lines[file],
		branches[file] ? sprintf("%.1f", branch[file]) : "-", branches[file], name | "LC_ALL=C sort | cut -f 2-"
}
