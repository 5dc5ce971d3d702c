#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The libraries' public functions: what a symbol map names, the built library exports, and nothing else; and
# every one has a prototype in an installed header. Prints TAP; part of 'make check'.
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

# public_headers: those that 'make install' installs, as the local.mk files list them.
public_headers()
{
	find "$src" -name local.mk -not -path '*/build*/*' -exec awk '
		/^nobase_pkginclude_HEADERS/ { on = 1; next }
		on && $1 ~ /\.h$/ { print $1 }
		!/\\$/ { on = 0 }' {} + | sort -u
}

# A prototype: the name before the first parenthesis, in text without comments, bodies and macros.
prototypes() # PREFIX
{
	local header
	for header in $(public_headers); do
		awk '/^#/ { while (/\\$/) getline; next } { print }' "$src/$header" |
			sed -e 's,/\*[^*]*\*/,,g' | awk '
			/\/\*/ { comment = 1 } !comment { print } /\*\// { comment = 0 }' |
			tr '\n' ' ' | sed -e 's/{[^{}]*}/;/g' -e 's/{[^{}]*}/;/g' -e 's/{[^{}]*}/;/g' | tr ';' '\n' |
			grep -Ev '\btypedef\b|\bstatic\b|^ *(struct|enum|union) +[a-z_0-9]+ *$' |
			sed -nE "s/^[^(]*[ *]($1[a-z0-9_]+)\(.*/\1/p"
	done | sort -u
}

check_library() # NAME MAP PREFIX
{
	grep -oE '^[[:space:]]+[a-z][a-z0-9_]*;' "$src/$2" | tr -d '\t ;' | grep -v '^local' | sort -u >"$tmp/map"
	prototypes "$3" >"$tmp/headers"
	grep -E "^$3" "$tmp/map" >"$tmp/map-own"
	mv "$tmp/map-own" "$tmp/symbol-map"
	same "$1: each public prototype is in the symbol map, and the reverse" "$tmp/symbol-map" "$tmp/headers"
	if [ -e "$build/.libs/$1.so" ]; then
		nm -D --defined-only "$build/.libs/$1.so" | awk '$2 ~ /[TDBRVW]/ { sub(/@.*/, "", $3); print $3 }' |
			sort -u >"$tmp/exported"
		same "$1: exports what the symbol map names" "$tmp/map" "$tmp/exported"
	else
		count=$((count + 1))
		echo "not ok $count - $1: $build/.libs/$1.so is not built"
		failed=$((failed + 1))
	fi
}

check_library libnvmelab-emulator emulator/libnvmelab-emulator.map emu_
check_library libnvmelab driver/libnvmelab.map nvl_
echo "1..$count"
[ "$failed" -eq 0 ]
