#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# nvmelab-emulator(1) has what the program has: options, keys, profiles, commands of --control; the plugin's page has its
# parameters, the library's those of the driver; and every page is one that man renders without a complaint.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99
# shellcheck source=tests/harness/emulator.sh
. "${top_srcdir:-.}/tests/harness/emulator.sh" || exit 99

manual=${top_srcdir:-.}/man/nvmelab-emulator.1
nvmelab-emulator --help >"$tap_tmp/help" || bail_out "nvmelab-emulator --help fails"
tr -d '\\' <"$manual" >"$tap_tmp/page"

# documented NAME REGEX: a tagged paragraph of the page begins with it.
documented()
{
	if awk '/^\.TP/ { tag = 1; next } tag { print; tag = 0 }' "$tap_tmp/page" | grep -Eq -- "$2"; then
		ok "$1 is in the page"
	else
		not_ok "$1 is in the page" "no tagged paragraph of $manual matches: $2"
	fi
}

mapfile -t options < <(sed -nE 's/^  (-[a-zA-Z], )?(--[a-z0-9-]+).*/\1\2/p' "$tap_tmp/help")
if [ ${#options[@]} -ge 18 ]; then ok "the program says its options"; else not_ok "the program says its options" "${options[@]}"; fi
for option in "${options[@]}"; do
	long=${option#*, }
	[ "$long" = "$option" ] || documented "${option%%,*}" "(^| )${option%%,*}([ ~]|$)"
	documented "$long" "$long"
done
while read -r key; do
	documented "the key $key" "^\.BI $key= "
done < <(sed -nE '/^Keys of --ns/,/^Keys of --controller/s/^  ([a-z]+)=.*/\1/p; /^Keys of --controller/,/^Profiles/s/^  ([a-z0-9_]+) .*/\1/p' "$tap_tmp/help")
while read -r profile; do
	documented "the profile $profile" "^\.B $profile$"
done < <(sed -nE '/^Profiles/,/^$/s/^  ([a-z]+) .*/\1/p' "$tap_tmp/help")

# The commands, as the program says them itself.
start --socket "$tap_tmp/drive" --control "$tap_tmp/control"
if "${top_builddir:-build}/tests/cli/say" "$tap_tmp/control" help >"$tap_tmp/commands"; then
	for command in $(sed 's/^ok: //; s/\[[^]]*\]//g; s/ [A-Z]*//g; s/,/ /g' "$tap_tmp/commands"); do
		documented "the command $command" "^\.B[IR]* $command([ ~]|$)"
	done
else
	not_ok "the commands are asked for"
fi

# The parameters of the plugin, as it says them itself, and those of the driver.
tr -d '\\' <"${top_srcdir:-.}/man/nbdkit-nvmelab-plugin.1" >"$tap_tmp/page"
manual=nbdkit-nvmelab-plugin.1
mapfile -t parameters < <(sed -nE 's/.*unknown parameter .*: there are (.*)".*/\1/p' "${top_srcdir:-.}/driver/nbdkit/plugin.c" |
	sed 's/ and /, /g; s/, */\n/g')
check "the plugin has parameters" [ "${#parameters[@]}" -ge 3 ]
for parameter in "${parameters[@]}"; do
	documented "the parameter $parameter of the plugin" "^\.BI $parameter= "
done
tr -d '\\' <"${top_srcdir:-.}/man/libnvmelab.3" >"$tap_tmp/page"
manual=libnvmelab.3
for key in $(nvmelab help params | sed -nE 's/^  ([a-z_]+) .*/\1/p'); do
	documented "the parameter $key of the driver" "^\.B $key$"
done

# Of each page: its name is in it, what it refers to is there, and man has nothing to say against it.
for page in "${top_srcdir:-.}"/man/*.[1-9]; do
	name=${page##*/}
	check_file "$name: begins with its name" "^\.TH $(sed 's/\.[1-9]$//; s/-/.?-/g' <<<"${name^^}") ${name##*.} " "$page"
	tr -d '\\' <"$page" | sed -nE '/^\.SH SEE ALSO/,$s/^\.BR ([^ ]*nvmelab[^ ]*) \(([1-9])\).*/\1.\2/p' >"$tap_tmp/seen"
	while read -r other; do
		check "$name refers to $other, which is there" [ -e "${page%/*}/$other" ]
	done <"$tap_tmp/seen"
	if command -v man >/dev/null; then
		check "$name has no mistakes" sh -c \
			'[ -z "$(MANROFFSEQ= MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$1" 2>&1 >/dev/null)" ]' sh "$page"
	else
		skip "$name has no mistakes" "man is not installed"
	fi
done
tap_done
