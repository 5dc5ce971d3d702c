#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The documentation tells the truth: generated parts are current, links lead somewhere, and every command in a
# console block runs. A block's commands run in order in one folder; those that install or build are not
# repeated here: CI runs quickstart itself.
top=${top_srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
# shellcheck source=tests/harness/tap.sh
. "$top/tests/harness/tap.sh"

build=$PWD
PATH=$build:$PATH

check "generated parts are up to date" env NVMELAB_BUILD="$build" bash "$top/tools/docs.sh" --check

# broken_links FILE: prints the relative links that lead to no file.
broken_links()
{
	grep -oE '\]\([^)#: ]+' "$1" | sed 's/^](//' | while read -r link; do
		[ -e "$(dirname "$1")/$link" ] || echo "$link"
	done
}

# commands FILE: prints the commands of its console blocks, a number for each block in front.
commands()
{
	awk '/^```console/ { inside = 1; block++; next } /^```/ { inside = 0 }
		inside && sub(/^\$ /, "") { print block "\t" $0 }' "$1"
}

for page in "$top"/README.md "$top"/CONTRIBUTING.md "$top"/docs/*.md; do
	name=${page#"$top"/}
	broken=$(broken_links "$page")
	if [ -z "$broken" ]; then ok "$name: links"; else not_ok "$name: links" "$broken"; fi
	while IFS=$'\t' read -r block line; do
		case $line in *quickstart* | *apt-get* | 'cd '* | *'git clone'* | make* | *'./configure'*) continue ;; esac
		mkdir -p "$tap_tmp/$name.$block"
		check "$name: $line" bash -c "cd '$tap_tmp/$name.$block' && ${line#./run }"
	done < <(commands "$page")
done
tap_done
