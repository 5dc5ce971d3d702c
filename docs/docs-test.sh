#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The documentation tells the truth: generated parts are current, links lead somewhere, and every command in a
# console block runs, with the plugin of the build in place of the installed one. A block is one script, in a folder of its
# own; quickstart's are left to CI, which runs it. Scenarios are run, too.
top=${top_srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
# shellcheck source=tests/harness/tap.sh
. "$top/tests/harness/tap.sh"

build=$PWD
PATH=$build:$PATH
export NVMELAB_PRELOAD=$build/.libs/libnvmelab-preload.so

check "generated parts are up to date" env NVMELAB_BUILD="$build" bash "$top/tools/docs.sh" --check

# broken_links FILE: prints the relative links that lead to no file.
broken_links()
{
	grep -oE '\]\([^)#: ]+' "$1" | sed 's/^](//' | while read -r link; do
		[ -e "$(dirname "$1")/$link" ] || echo "$link"
	done
}

# block FILE N: prints the commands of console block N; those that install or build are left out.
block()
{
	awk -v want="$2" '/^```console/ { inside = 1; n++; next } /^```/ { inside = 0 }
		inside && n == want && sub(/^\$ /, "")' "$1" |
		grep -vE 'quickstart|apt-get|git clone|^cd |^make|configure' |
		sed -e 's|^\./run ||' -e "s|/usr/local/lib/nvmelab/|$build/.libs/|" -e "s| tests/scenarios| '$top'/tests/scenarios|"
}

# scenario FILE N: prints ini block N.
scenario()
{
	awk -v want="$2" '/^```ini/ { inside = 1; n++; next } /^```/ { inside = 0 } inside && n == want' "$1"
}

# lacking: what the commands need that is not there.
lacking()
{
	grep -q '^nbdkit ' "$tap_tmp/commands" || return
	[ -e "$build/.libs/nbdkit-nvmelab-plugin.so" ] || { echo "the plugin is not built"; return; }
	{ command -v nbdkit && command -v nbdinfo; } >/dev/null || echo "nbdkit or nbdinfo is not installed"
}

for page in "$top"/README.md "$top"/CONTRIBUTING.md "$top"/docs/*.md; do
	name=${page#"$top"/}
	broken=$(broken_links "$page")
	if [ -z "$broken" ]; then ok "$name: links"; else not_ok "$name: links" "$broken"; fi
	for n in $(seq "$(grep -c '^```console' "$page")"); do
		block "$page" "$n" >"$tap_tmp/commands"
		[ -s "$tap_tmp/commands" ] || continue
		reason=$(lacking)
		if [ -n "$reason" ]; then
			skip "$name: console block $n runs" "$reason"
			continue
		fi
		mkdir -p "$tap_tmp/block"
		check "$name: console block $n runs" bash -c "cd '$tap_tmp/block' && set -em && . '$tap_tmp/commands'"
		rm -rf "$tap_tmp/block"
	done
	for n in $(seq "$(grep -c '^```ini' "$page")"); do
		scenario "$page" "$n" >"$tap_tmp/scenario.ini"
		grep -q '^\[scenario\]$' "$tap_tmp/scenario.ini" || continue
		check "$name: scenario $n goes as it says" nvmelab-sim run "$tap_tmp/scenario.ini"
	done
done
tap_done
