#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The cores are freestanding: common/ alone, and each core with common/, compiled without hardening, may leave
# nothing undefined but the memory functions and the compiler's own helpers. Prints TAP; part of 'make check'.
#
# Compilers: $CC (gcc), and where they are installed clang, aarch64 gcc and clang for WebAssembly.
set -u

cd "${top_srcdir:-$(dirname "$0")/..}" || exit 99
tmp=$(mktemp -d "${TMPDIR:-/tmp}/nvmelab-core.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT

flags=(-std=gnu17 -O2 -w -I. -fvisibility=hidden -fno-stack-protector -fno-pie -U_FORTIFY_SOURCE)
# __stack_pointer and the table are how WebAssembly spells a stack and function pointers.
allowed='^(memcpy|memmove|memset|memcmp|__stack_pointer|__indirect_function_table)$'
helpers='^__(u?(div|mod|divmod)[sdt]i[34]?4?|(ashl|ashr|lshr|mul)[sdt]i3|(clz|ctz|popcount)[sdt]i2|bswap[sd]i2)$'
count=0
failed=0

result() # WORD NAME [TEXT]
{
	count=$((count + 1))
	[ "$1" = ok ] || failed=$((failed + 1))
	printf '%s %d - %s\n' "$1" "$count" "$2"
	[ -z "${3:-}" ] || printf "%s\n" "$3" | sed "s/^/# /"
}

# sources FOLDER: its C files.
sources() { find "$1" -maxdepth 1 -name '*.c' | sort; }

# compile FOLDER COMPILER...: all of a folder into $tmp/FOLDER; what the compiler says is in $tmp/FOLDER/log.
compile()
{
	local folder=$1
	shift
	rm -rf "${tmp:?}/$folder"
	mkdir -p "$tmp/$folder"
	# shellcheck disable=SC2016 # the inner shell's
	sources "$folder" | xargs -P "$(nproc)" -I{} sh -c '
		source=$1 to=$2; shift 2
		exec "$@" -c "$source" -o "$to/$(basename "$source" .c).o"' \
		sh {} "$tmp/$folder" "$@" "${flags[@]}" >>"$tmp/$folder/log" 2>&1
}

# link NAME NM LINKER FOLDER...: links what was compiled into one object and lists what is left undefined.
link()
{
	local name=$1 nm=$2 linker=$3 folder undefined
	local -a objects=()
	shift 3
	name="$name: $*"
	for folder; do
		if [ -s "$tmp/$folder/log" ]; then
			result "not ok" "$name" "$(head -n 20 "$tmp/$folder/log")"
			return
		fi
		objects+=("$tmp/$folder"/*.o)
	done
	if ! $linker -r -o "$tmp/whole.o" "${objects[@]}" >"$tmp/log" 2>&1; then
		result "not ok" "$name" "$(head -n 20 "$tmp/log")"
		return
	fi
	undefined=$($nm -u "$tmp/whole.o" | awk '{ print $NF }' | grep -Ev "$allowed" | grep -Ev "$helpers")
	if [ -n "$undefined" ]; then
		result "not ok" "$name" "undefined symbols that a core may not use:
$undefined"
	else
		result ok "$name"
	fi
}

try_all() # NAME NM LINKER COMPILER...
{
	local name=$1 nm=$2 linker=$3 folder
	shift 3
	for folder in common emulator/core emulator/judge driver/core; do
		compile "$folder" "$@"
	done
	link "$name" "$nm" "$linker" common
	link "$name" "$nm" "$linker" common emulator/core
	link "$name" "$nm" "$linker" common emulator/core emulator/judge
	link "$name" "$nm" "$linker" common driver/core
}

# A machine's instrumentation or launcher in $CC (ccache gcc) is kept: it is a list of words.
read -r -a cc <<<"${CC:-gcc}"
try_all "${cc[*]}" nm ld "${cc[@]}"
if [ "${cc[0]}" != clang ] && command -v clang >/dev/null; then
	try_all clang nm ld clang -fno-builtin-bcmp
fi
if command -v aarch64-linux-gnu-gcc >/dev/null; then
	try_all aarch64 aarch64-linux-gnu-nm aarch64-linux-gnu-ld aarch64-linux-gnu-gcc -mno-outline-atomics
fi
if command -v clang >/dev/null && command -v wasm-ld >/dev/null; then
	nm=$(command -v llvm-nm || find /usr/bin /usr/lib/llvm-*/bin -name 'llvm-nm*' 2>/dev/null | sort | head -n 1)
	[ -z "$nm" ] || try_all wasm32 "$nm" wasm-ld clang --target=wasm32 -ffreestanding
fi
echo "1..$count"
[ "$failed" -eq 0 ]
