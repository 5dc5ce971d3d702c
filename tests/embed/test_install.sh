#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What 'make install' gives to somebody who has nothing else: programs that start, manual pages, pkg-config files,
# headers that stand alone, libraries that export what their maps name and need nothing unnamed; a program that embeds
# both; and 'make uninstall' takes all of it away. Part of 'make check'.
. "${top_srcdir:-.}/tests/harness/tap.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL DESTDIR

src=${top_srcdir:-.}
build=${top_builddir:-$src/build}
root=$tap_tmp/root
warnings=(-Wall -Wextra -Werror)
libraries=(libnvmelab libnvmelab-emulator)

compilers()
{
	local compiler
	for compiler in gcc clang; do
		if command -v "$compiler" >/dev/null; then
			echo "$compiler"
		elif [ "${CI:-}" = true ]; then
			echo "missing-$compiler"
		fi
	done
}

# installed PATTERN: files whose path in the tree matches.
installed() { (cd "$root" && find . -type f -o -type l) | grep -E "$1" | sort; }

# one NAME PATTERN: there is one such file.
one()
{
	local found
	found=$(installed "$2")
	if [ -n "$found" ] && [ "$(wc -l <<<"$found")" -eq 1 ]; then
		ok "$1"
	else
		not_ok "$1" "expected one file like $2, found: ${found:-none}"
	fi
}

test_files()
{
	local program library header
	for program in nvmelab nvmelab-emulator nvmelab-sim; do
		one "$program is installed" "/bin/$program$"
		one "$program has a manual page" "/man1/$program\.1$"
	done
	one "nvmelab with has a manual page" '/man1/nvmelab-with\.1$'
	one "the libraries have a manual page" '/man3/libnvmelab\.3$'
	if [ -n "$(installed '/nbdkit-nvmelab-plugin\.so$')" ]; then
		one "the plugin has a manual page" '/man1/nbdkit-nvmelab-plugin\.1$'
	fi
	for library in "${libraries[@]}"; do
		one "$library: a file with its version" "/$library\.so\.[0-9]+\.[0-9]+\.[0-9]+$"
		one "$library: a link for programs" "/$library\.so\.[0-9]+$"
		one "$library: a link for compilers" "/$library\.so$"
		one "$library: a pkg-config file" "/pkgconfig/$library\.pc$"
	done
	installed '/include/' | sed 's,.*/include/nvmelab/,,' >"$tap_tmp/headers"
	for header in driver/core/nvl.h driver/transport/device.h emulator/core/emu.h emulator/device/device.h; do
		check_file "$header is installed" "^$header$" "$tap_tmp/headers"
	done
}

# Everything that a header includes by a path of ours is installed with it, and nothing private is.
test_headers()
{
	local compiler header failed
	for compiler in $(compilers); do
		failed=
		while read -r header; do
			printf '#include "%s"\n#include "%s"\nint main(void);\n' "$header" "$header" |
				"$compiler" -std=c11 -pedantic "${warnings[@]}" -fsyntax-only \
					-I"$include" -x c - >>"$tap_tmp/header.log" 2>&1 || failed+=" $header"
		done < <(grep '\.h$' "$tap_tmp/headers")
		if [ -z "$failed" ]; then
			ok "$compiler: each header compiles alone, twice, as C11"
		else
			not_ok "$compiler: each header compiles alone, twice, as C11" "failed:$failed" \
				"$(head -n 20 "$tap_tmp/header.log")"
		fi
	done
	if grep -qE '(^|/)(internal|transport|dma|session|backend)\.h$' "$tap_tmp/headers"; then
		not_ok "no private header is installed" "$(grep -E 'internal|transport\.h|dma|session|backend' "$tap_tmp/headers")"
	else
		ok "no private header is installed"
	fi
}

# map FILE: the names of a symbol map.
map() { sed -nE 's/^[[:space:]]+([a-z][a-z0-9_]*);$/\1/p' "$1" | sort; }

test_library() # NAME MAP
{
	local own file=$libdir/$1.so.0 soname
	soname=$(readelf -d "$file" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')
	if [ "$soname" = "$1.so.0" ]; then
		ok "$1: its soname is $1.so.0"
	else
		not_ok "$1: its soname is $1.so.0" "it is '$soname'"
	fi
	map "$src/$2" >"$tap_tmp/map"
	[ -n "$(installed '/trapbar\.h$')" ] || sed -i '/^emu_trapbar_/d' "$tap_tmp/map"
	nm -D --defined-only "$file" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort >"$tap_tmp/exported"
	check "$1: exports what its symbol map names and nothing else" cmp "$tap_tmp/map" "$tap_tmp/exported"
	LD_LIBRARY_PATH=$libdir ldd -r "$file" >"$tap_tmp/ldd" 2>&1
	if grep -E 'undefined symbol|not found' "$tap_tmp/ldd" >"$tap_tmp/undefined"; then
		not_ok "$1: all that it needs is in the libraries it names" "$(cat "$tap_tmp/undefined")"
	else
		ok "$1: all that it needs is in the libraries it names"
	fi
	# With a prefix that the linker does not search, libtool names the installed folder, and that alone.
	own="[$(realpath -ms "${libdir#"$root"}")]"
	readelf -d "$file" | grep -E '\((RPATH|RUNPATH|TEXTREL)\)' | grep -vF "$own" >"$tap_tmp/paths" || true
	if [ -s "$tap_tmp/paths" ]; then
		not_ok "$1: no paths of the build and no relocations in the code" "$(cat "$tap_tmp/paths")"
	else
		ok "$1: no paths of the build and no relocations in the code"
	fi
}

config() { PKG_CONFIG_PATH=$libdir/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root pkg-config "$@"; }

test_embed()
{
	local compiler
	local -a flags libs
	check "pkg-config knows both libraries" config --exists --print-errors "${libraries[@]}"
	read -r -a flags <<<"$(config --cflags "${libraries[@]}")"
	read -r -a libs <<<"$(config --libs "${libraries[@]}")"
	for compiler in $(compilers); do
		check "$compiler compiles and links a program that embeds both, as C11 without warnings" \
			"$compiler" -std=c11 -pedantic -O1 "${warnings[@]}" "${flags[@]}" "$src/tests/embed/embed.c" \
			-o "$tap_tmp/embed-$compiler" "${libs[@]}" -Wl,--no-undefined -Wl,-z,now
		check_output "$compiler: the program drives its drive" '^embedded: Successful Completion, live$' \
			env LD_LIBRARY_PATH="$libdir" "$tap_tmp/embed-$compiler"
	done
	example embedded "$src/examples/embedded.c"
	if [ -n "$(installed '/trapbar\.h$')" ]; then
		example trapbar "$src/examples/trapbar.c" "$src/examples/polling.c"
	fi
}

# example NAME SOURCE...: the example compiles with what is installed, and its checks hold.
example()
{
	local name=$1 compiler
	shift
	for compiler in $(compilers); do
		check "$compiler compiles and links examples/$name.c, as C11 without warnings" \
			"$compiler" -std=c11 -pedantic -O2 "${warnings[@]}" "${flags[@]}" "$@" \
			-o "$tap_tmp/$name-$compiler" "${libs[@]}" -Wl,--no-undefined
		check "$compiler: examples/$name.c does what it says" \
			env LD_LIBRARY_PATH="$libdir" "$tap_tmp/$name-$compiler"
	done
}

test_programs()
{
	local program
	for program in nvmelab nvmelab-emulator nvmelab-sim; do
		check_output "$program starts where it is installed" 'nvmelab' \
			env LD_LIBRARY_PATH="$libdir" "$bindir/$program" --version
	done
	check_output "nvmelab identifies the drive inside itself" 'NVMELAB0001' \
		env LD_LIBRARY_PATH="$libdir" "$bindir/nvmelab" id-ctrl
}

# Instrumented libraries need the same instrumentation in whoever uses them: not what is installed.
if nm -D "$build/.libs/libnvmelab.so" 2>/dev/null | grep -qE '__(asan|tsan|ubsan|sanitizer|gcov|llvm)_'; then
	skip_all 'this build is instrumented'
fi
check "make install" make -C "$build" install DESTDIR="$root"
libdir=$(dirname "$root/$(installed '/libnvmelab\.so$')")
include=$(dirname "$root/$(installed '/include/nvmelab/common/le\.h$')")/..
bindir=$(dirname "$root/$(installed '/bin/nvmelab$')")
test_files
test_headers
test_library libnvmelab driver/libnvmelab.map
test_library libnvmelab-emulator emulator/libnvmelab-emulator.map
test_embed
test_programs
check "make uninstall" make -C "$build" uninstall DESTDIR="$root"
left=$(installed .)
if [ -z "$left" ]; then
	ok "make uninstall leaves nothing"
else
	not_ok "make uninstall leaves nothing" "$left"
fi
tap_done
