#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The reference of the C API: each public function is in it, with its parameters and what it returns, and a comment that
# lacks one of them is found.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99

top=$(cd "${top_srcdir:-.}" && pwd)
words=$top/docs/api-words
mapfile -t headers < <(bash "$top/tools/files.sh" public)

# lacking HEADER...: what the comments of headers do not say; the exit code is 1 if there is something.
lacking() { (cd "$top" && awk -f tools/api.awk -v check=1 "$words" pass=1 "$@" pass=2 "$@"); }

check "there are public headers" [ "${#headers[@]}" -ge 25 ]
check "every comment is whole" lacking "${headers[@]}"
for library in driver/libnvmelab emulator/libnvmelab-emulator; do
	sed -n 's/^\t\t\([a-z0-9_]*\);$/\1/p' "$top/$library.map" >"$tap_tmp/symbols"
	grep -oE '\b(nvl|emu|nvme)_[a-z0-9_]+\(' "$top/docs/api.md" | tr -d '(' | sort -u >"$tap_tmp/told"
	check_output "${library##*/}: no function is left out" '^0$' sh -c "comm -23 '$tap_tmp/symbols' '$tap_tmp/told' | wc -l"
	check "${library##*/}: there are functions" [ "$(wc -l <"$tap_tmp/symbols")" -ge 100 ]
done

# header LINE...: a header of these lines.
header()
{
	printf '/* SPDX-License-Identifier: BSD-3-Clause */\n/* A header. */\n#include <stdint.h>\n\n' >"$tap_tmp/header.h"
	printf '%s\n' "$@" >>"$tap_tmp/header.h"
}

# finds NAME TEXT LINE...: what the header of these lines lacks is TEXT.
finds()
{
	local name=$1 text=$2
	shift 2
	header "$@"
	check_status "$name" 1 lacking "$tap_tmp/header.h"
	check_file "$name: it is said" "^$tap_tmp/header.h: $text$" "$tap_tmp/out"
}

header '/** nvl_sum - the sum of @a and @b */' 'int nvl_sum(int a, int b);'
check_status "a summary that has all, but for what an int means" 1 lacking "$tap_tmp/header.h"
header '/**' ' * nvl_sum - add' ' * @a: one' ' * @b: another, or' ' *	none' ' *' ' * Return: the sum.' ' */' 'int nvl_sum(int a, int b);'
check "a comment that is whole" lacking "$tap_tmp/header.h"
finds "no comment" "nvl_sum: there is no comment before it" 'int nvl_sum(int a, int b);'
finds "a parameter that is left out" "nvl_sum: nothing is said of the parameter b" \
	'/**' ' * nvl_sum - add' ' * @a: one' ' * Return: the sum.' ' */' 'int nvl_sum(int a, int b);'
finds "a parameter that is not there" "nvl_sum: there is no parameter c" \
	'/**' ' * nvl_sum - add @a and @b' ' * @c: one' ' * Return: the sum.' ' */' 'int nvl_sum(int a, int b);'
finds "no result" "nvl_sum: nothing is said of what it returns" \
	'/** nvl_sum - add @a and @b */' 'int nvl_sum(int a, int b);'
finds "a comment before another function" "nvl_sum: the declaration behind it is another: void nvl_add\(void\);" \
	'/** nvl_sum - add */' 'void nvl_add(void);'
finds "a function after a comment that is over" "nvl_add: there is no comment before it" \
	'/** nvl_sum - add */' 'void nvl_sum(void);' '' 'void nvl_add(void);'
finds "one with a body" "nvl_one: there is no comment before it" 'static inline int nvl_one(void)' '{' '	return 1;' '}'
tap_done
