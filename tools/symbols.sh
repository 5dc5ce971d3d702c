#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The libraries' public functions: what a symbol map names, the built library exports, and nothing else; and
# it names what the installed headers declare: emu_ or nvl_, and nvme_ (common/, in both). Prints TAP; part of
# 'make check'.
#
#	tools/symbols.sh --write	writes the maps anew from the headers; the difference is for review
#
# A name of the map that is not exported is usually missing from the header's
# '#pragma GCC visibility push(default)', as all objects are built with -fvisibility=hidden.
set -u

src=${top_srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
build=${top_builddir:-$src/build}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/nvmelab-symbols.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
count=0
failed=0

# same NAME LEFT RIGHT: two sorted lists of names are equal.
same()
{
	local only_left only_right name
	only_left=$(comm -23 "$2" "$3")
	only_right=$(comm -13 "$2" "$3")
	count=$((count + 1))
	if [ -z "$only_left$only_right" ]; then
		echo "ok $count - $1"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $count - $1"
	[ -z "$only_left" ] || while read -r name; do echo "# only in ${2##*/}: $name"; done <<<"$only_left"
	[ -z "$only_right" ] || while read -r name; do echo "# only in ${3##*/}: $name"; done <<<"$only_right"
}

# prototypes PREFIX: the names with it, or with nvme_, that the public headers declare. Preprocessed, cut at the semicolons that are
# outside of braces, a declaration's first name before a parenthesis is the function's.
prototypes()
{
	bash "$src/tools/files.sh" public | sed 's/.*/#include "&"/' | ${CC:-gcc} -std=gnu17 -E -P -I"$src" - | grep -v '^#' | tr '\n' ' ' |
		sed -e ':again' -e 's/{[^{}]*}/ body;/' -e 't again' | tr ';' '\n' |
		grep -Ev '\b(typedef|static)\b' | sed -nE "s/^[^(]*[ *](($1|nvme_)[a-z0-9_]+) ?\(.*/\1/p" | sort -u
}

# here: of the names, those that the library has on this machine.
here()
{
	# shellcheck disable=SC2086 # CC may be several words
	if echo | ${CC:-gcc} -dM -E - | grep -q __x86_64__; then
		cat
	else
		grep -v '^emu_trapbar_'
	fi
}

check_library() # NAME MAP PREFIX
{
	grep -oE '^[[:space:]]+[a-z][a-z0-9_]*;' "$src/$2" | tr -d '\t ;' | sort -u >"$tmp/symbol-map"
	prototypes "$3" >"$tmp/headers"
	same "$1: each public prototype is in the symbol map, and the reverse" "$tmp/symbol-map" "$tmp/headers"
	if [ -e "$build/.libs/$1.so" ]; then
		nm -D --defined-only "$build/.libs/$1.so" | awk '$2 ~ /[TDBRVW]/ { sub(/@.*/, "", $3); print $3 }' |
			sort -u >"$tmp/exported"
		here <"$tmp/symbol-map" >"$tmp/symbol-map-here"
		same "$1: exports what the symbol map names" "$tmp/symbol-map-here" "$tmp/exported"
	else
		count=$((count + 1))
		echo "not ok $count - $1: $build/.libs/$1.so is not built"
		failed=$((failed + 1))
	fi
}

write_map() # MAP NODE PREFIX
{
	{
		sed '/{$/,$d' "$src/$1"
		printf '%s {\n' "$2"
		prototypes "$3" | sed -e '1i\	global:' -e 's/.*/\t\t&;/'
		printf '\tlocal:\n\t\t*;\n};\n'
	} >"$tmp/map" && cat "$tmp/map" >"$src/$1"
}

if [ "${1:-}" = --write ]; then
	write_map emulator/libnvmelab-emulator.map NVMELAB_EMULATOR_0 emu_
	write_map driver/libnvmelab.map NVMELAB_0 nvl_
	exit
fi
check_library libnvmelab-emulator emulator/libnvmelab-emulator.map emu_
check_library libnvmelab driver/libnvmelab.map nvl_
echo "1..$count"
[ "$failed" -eq 0 ]
