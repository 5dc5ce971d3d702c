# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Shared by the scripts of this folder: builds of the selftest, and what is missing for them.
cross_src=$(cd "${top_srcdir:-$(dirname "${BASH_SOURCE[0]}")/../..}" && pwd) || exit 99
. "$cross_src/tests/harness/tap.sh"
. "$cross_src/tests/harness/sources.sh"
cross_jobs=$(nproc 2>/dev/null || echo 2)

# need TOOL PACKAGE...: in CI a tool that is missing is a failure, elsewhere what needs it is left out. Return: whether it is there.
need()
{
	command -v "$1" >/dev/null && return
	cross_missing="$1 is not installed (Debian: $2)"
	return 1
}

# need_all TOOL PACKAGE [TOOL PACKAGE]...: ends the script when one is missing.
need_all()
{
	while [ $# -gt 0 ]; do
		if ! need "$1" "$2"; then
			[ "${CI:-}" != true ] || bail_out "$cross_missing"
			skip_all "$cross_missing"
		fi
		shift 2
	done
}

# cross_sources: all that is freestanding.
cross_sources() { (cd "$cross_src" && freestanding_sources); }

# freestanding NAME FOLDER NM LINKER: of what compile left in FOLDER, common/ alone and each core with it need nothing but
# the memory functions, the compiler's own helpers, and what a build's hardening puts in.
freestanding()
{
	local name=$1 folder=$2 nm=$3 linker=$4 parts part undefined
	local allowed='^(memcpy|memmove|memset|memcmp|__mem(cpy|move|set)_chk|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_)$'
	local helpers='^__(u?(div|mod|divmod)[sdt]i[34]?4?|(ashl|ashr|lshr|mul)[sdt]i3|(clz|ctz|popcount)[sdt]i2|bswap[sd]i2)$'
	local -a objects
	for parts in common 'common emulator_core' 'common emulator_core emulator_judge' 'common driver_core'; do
		objects=()
		for part in $parts; do
			objects+=("$folder/${part}"_*.o)
		done
		if ! "$linker" -r -o "$folder/whole" "${objects[@]}" >"$folder/log" 2>&1; then
			not_ok "$name: links ${parts//_//}" "$(head -n 20 "$folder/log")"
			continue
		fi
		undefined=$("$nm" -u "$folder/whole" | awk '{ print $NF }' | grep -Ev "$allowed" | grep -Ev "$helpers")
		check "$name: a system without a library is enough for ${parts//_//}" [ -z "$undefined" ]
		[ -z "$undefined" ] || printf '# undefined: %s\n' "$undefined"
	done
}

# compile FOLDER SOURCES COMPILER...: each of the SOURCES (a list of lines) to an object in FOLDER; what the compiler says is in
# FOLDER/log.
compile()
{
	local folder=$1 sources=$2
	shift 2
	mkdir -p "$folder"
	cd "$cross_src" || return
	# shellcheck disable=SC2016 # for the inner shell
	xargs -P "$cross_jobs" -I{} sh -c '
		source=$1 folder=$2; shift 2
		"$@" -std=gnu17 -w -I. -c "$source" -o "$folder/$(echo "$source" | tr / _).o"' \
		sh {} "$folder" "$@" <<<"$sources" >"$folder/log" 2>&1
}

# build FOLDER COMPILER...: the selftest as a process, FOLDER/selftest. Return: as the compiler; then the log is a result's text.
build()
{
	local folder=$1
	shift
	mkdir -p "$folder"
	compile "$folder" "$(cross_sources; printf '%s\n' tests/cross/{main,selftest}.c)" "$@" &&
		"$@" -o "$folder/selftest" "$folder"/*.o >>"$folder/log" 2>&1
}

# reference: the selftest of the build tree, or where there is none with $CC; its traces, which the others are compared
# with, in $tap_tmp/reference.
reference()
{
	local program=${top_builddir:-$cross_src/build}/tests/cross/selftest
	local -a cc
	cross_reference=$tap_tmp/reference
	read -r -a cc <<<"${CC:-gcc}"
	if [ ! -x "$program" ]; then
		build "$cross_reference" "${cc[@]}" -O1 ||
			bail_out "${cc[*]} cannot build the selftest: $(head -n 5 "$cross_reference/log" | tr '\n' ' ')"
		program=$cross_reference/selftest
	fi
	mkdir -p "$cross_reference"
	check "the selftest holds, as it was built here" "$program" "$cross_reference"
}

# same_traces NAME FOLDER: what a run left in FOLDER is what the reference left.
same_traces()
{
	local side
	for side in controller driver; do
		if [ ! -s "$cross_reference/$side.trace" ]; then
			not_ok "$1: the trace of the $side" "the reference has none"
		elif cmp -s "$cross_reference/$side.trace" "$2/$side.trace"; then
			ok "$1: the same trace of the $side, $(wc -l <"$2/$side.trace") events"
		else
			not_ok "$1: the same trace of the $side" \
				"$(diff "$cross_reference/$side.trace" "$2/$side.trace" | cut -c1-200 | head -n 6)"
		fi
	done
}
