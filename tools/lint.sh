#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The rules of CONTRIBUTING.md that a machine can check, on all files of the project.
#
#	tools/lint.sh			all checks
#	tools/lint.sh CHECK...		some of them, e.g. tools/lint.sh format sizes
#
# Each check prints nothing but its findings. A tool that is not installed fails its check, as CI must not pass
# for want of one. Exit status: 0; 1 something was found; 2 usage.
set -u

cd "$(dirname "$0")/.." || exit 1
jobs=$(nproc)
checks=(format width spdx banned marks clauses sizes functions layers dead analyzer cppcheck tidy shell)

# The include path of the shells' libraries, and the configured header.
mapfile -t c_files < <(tools/files.sh c)
mapfile -t shell_files < <(tools/files.sh sh)
mapfile -t text_files < <(tools/files.sh text)
read -r -a library_flags <<<"$(pkg-config --cflags glib-2.0 json-glib-1.0 pciaccess liburing check 2>/dev/null)"
generated=$(mktemp -d)
trap 'rm -rf "$generated"' EXIT
version=$(sed -n 's/^AC_INIT(\[nvmelab\], \[\(.*\)\])$/\1/p' configure.ac)
printf '#define PACKAGE_VERSION "%s"\n#define PACKAGE_STRING "nvmelab %s"\n#define PACKAGE_NAME "nvmelab"\n#define PACKAGE "nvmelab"\n#define VERSION "%s"\n' \
	"$version" "$version" "$version" >"$generated/config.h"
# What Makefile.am gives on the command line.
echo '#define PKGLIBDIR "/usr/lib/nvmelab"' >"$generated/paths.h"
compile_flags=(-std=gnu17 -D_GNU_SOURCE -I. -I"$generated" -include "$generated/paths.h" "${library_flags[@]}")

# c_in FOLDER...: the C sources there.
c_in() { local folder; for folder; do printf '%s\n' "${c_files[@]}" | grep -E "^$folder/.*\.c$"; done; }

# none TEXT: fails when standard input has lines, and prints them under TEXT.
none()
{
	local found
	found=$(cat)
	[ -n "$found" ] || return 0
	echo "$1:"
	printf '%s\n' "$found" | sed 's/^/    /'
	return 1
}

need() # PROGRAM DEBIAN-PACKAGE
{
	command -v "$1" >/dev/null && return
	echo "$1 is not installed (Debian: $2; tools/packages.sh install base ci)"
	return 1
}

check_format() { tools/format.sh --check; }

# Comments too, which clang-format leaves alone; fenced tables may be wider.
check_width()
{
	awk '/clang-format off/ { off = 1 } /clang-format on/ { off = 0 } FNR == 1 { off = 0 }
		{
			width = 0
			for (i = 1; i <= length($0); i++)
				width = substr($0, i, 1) == "\t" ? int(width / 8) * 8 + 8 : width + 1
			if (!off && width > 100)
				print FILENAME ":" FNR ": " width " columns"
		}' "${c_files[@]}" | none 'lines of more than 100 columns'
}

check_spdx()
{
	local file
	for file in "${text_files[@]}"; do
		head -n 2 "$file" | grep -q 'SPDX-License-Identifier: BSD-3-Clause' || echo "$file"
	done | none 'files without an SPDX line at their top'
}

check_banned()
{
	grep -nE '\b(v?sprintf|strcpy|strcat|stpcpy|atoi|atol|atof|strtok|gets|alloca)[[:space:]]*\(' "${c_files[@]}" /dev/null |
		none 'functions without bounds or error reports'
}

check_marks()
{
	grep -nE '\b(FIXME|XXX|HACK)\b|\bTODO\b($|[^(#]|\([^#])' "${text_files[@]}" /dev/null |
		grep -vE '^tools/lint\.sh:|TODO #[0-9]' | none 'unfinished marks (a TODO names its issue: TODO #12)'
}

# 'Base 2.0 3.1.3.5', 'NVM 1.0 3.2.4', 'Base 2.0 Figure 36'.
check_clauses()
{
	{
		grep -noE '\b(Base|NVM) [0-9][0-9.a-z]*( [^ ]+)?( [0-9]+)?' "${c_files[@]}" /dev/null |
			grep -vE ' \*/$|:(Base [12]\.[0-9][a-e]?|NVM 1\.[0-9][a-e]?) ([0-9A-Z]+(\.[0-9]+)*[^0-9.a-z]*( [0-9]+)?|Figure [0-9]+)[.,;:]?$'
		grep -niE '\bNVMe[ -](base )?spec(ification)?[ ,]*(section|clause|[0-9])|§' "${c_files[@]}" /dev/null
	} | none 'clauses in another form than "Base 2.0 3.1.3.5" or "NVM 1.0 3.2.4"'
}

check_sizes()
{
	wc -l "${c_files[@]}" | awk '$1 > 600 && $2 != "total" && $2 != "common/nvme_spec.h" { print $2 ": " $1 " lines" }' |
		none 'files of more than 600 lines'
}

check_functions()
{
	need ctags universal-ctags || return 1
	printf '%s\n' "${c_files[@]}" | ctags -L - --languages=C --langmap=C:.c.h --kinds-C=f --fields=+ne -o - 2>/dev/null |
		awk -F'\t' '{
			first = last = 0
			for (i = 4; i <= NF; i++) {
				if ($i ~ /^line:/) first = substr($i, 6)
				if ($i ~ /^end:/) last = substr($i, 5)
			}
			if (last - first >= 70)
				print $2 ":" first ": " $1 " has " last - first + 1 " lines"
		}' | none 'functions of more than 70 lines'
}

# forbid FOLDER REGEX: an #include of FOLDER's files that does not match.
forbid()
{
	printf '%s\n' "${c_files[@]}" | grep -E "^$1/" |
		xargs -r grep -nE '^[[:space:]]*#[[:space:]]*include' /dev/null | grep -vE "[<\"]($2)[>\"]"
}

# app -> core -> common, never back; the driver knows the emulator by its public headers only.
check_layers()
{
	local freestanding='stdint\.h|stddef\.h|stdbool\.h'
	{
		forbid common "$freestanding|common/[a-z_0-9]+\.(h|def)"
		forbid emulator/core "$freestanding|common/[a-z_0-9]+\.(h|def)|emulator/core/[a-z_0-9]+\.(h|def)"
		forbid emulator/judge "$freestanding|common/[a-z_0-9]+\.(h|def)|emulator/core/(config|emu|fault|save)\.h|emulator/judge/[a-z_0-9]+\.(h|def)"
		forbid driver/core "$freestanding|common/[a-z_0-9]+\.(h|def)|driver/core/[a-z_0-9]+\.(h|def)"
		printf '%s\n' "${c_files[@]}" | grep -E '^emulator/' | xargs -r grep -n '#include "driver/' /dev/null
		printf '%s\n' "${c_files[@]}" | grep -E '^driver/' | xargs -r grep -nE '#include "emulator/(core/internal|app/)' /dev/null
		printf '%s\n' "${c_files[@]}" | grep -E '^(emulator|driver)/' | xargs -r grep -n '#include "tests/' /dev/null
	} | none 'includes against the direction of the layers'
}

# A source that no list names is neither built nor shipped. A test program's name stands for its source.
check_dead()
{
	local file lists
	lists=$(find . -name local.mk -not -path './build*' -exec cat {} +; cat Makefile.am)
	for file in "${c_files[@]}" "${shell_files[@]}"; do
		grep -qE "(^|[[:space:]/])${file//./\\.}([[:space:]]|$)" <<<"$lists" && continue
		[ "$file" != "${file%.c}" ] && grep -qE "(^|[[:space:]])${file%.c}([[:space:]]|$)" <<<"$lists" && continue
		echo "$file"
	done | none 'files that no local.mk names'
}

# Null pointers are clang-tidy's, which does not forget what a loop over a table has found.
check_analyzer()
{
	c_in common emulator/core emulator/judge driver/core | xargs -r -n 1 -P "$jobs" gcc "${compile_flags[@]}" -O2 -fanalyzer \
		-Wno-analyzer-null-dereference -S -o /dev/null 2>&1 | none 'gcc -fanalyzer'
}

# On preprocessed sources: cppcheck's own preprocessor cannot take a "hi, lo" pair for two arguments.
check_cppcheck()
{
	need cppcheck cppcheck || return 1
	mkdir "$generated/cppcheck"
	# shellcheck disable=SC2016 # the inner shell's
	c_in common emulator driver tests/harness | xargs -P "$jobs" -I{} sh -c '
		source=$1 folder=$2; shift 2
		exec gcc "$@" -E -C "$source" -o "$folder/$(echo "$source" | tr / _)"' \
		sh {} "$generated/cppcheck" "${compile_flags[@]}" || return 1
	find "$generated/cppcheck" -name '*.c' -exec cppcheck --quiet --enable=warning,portability,performance --std=c11 \
		--inline-suppr -j "$jobs" --suppress='*:/usr/*' --suppress=internalAstError {} + 2>&1 | none cppcheck
}

check_tidy()
{
	need clang-tidy clang-tidy || return 1
	# Nine tenths of the time are the analyzer's, mostly its way through a few functions: less than half of the usual bound.
	local analyzer='-Xclang -analyzer-config -Xclang max-nodes=100000'
	# shellcheck disable=SC2016 # the inner shell's
	c_in common emulator driver | xargs -r -n 4 -P "$jobs" sh -c 'flags=$1; shift; clang-tidy --quiet "$@" -- $flags' \
		tidy "${compile_flags[*]} $analyzer" 2>/dev/null | none clang-tidy
}

check_shell()
{
	need shellcheck shellcheck || return 1
	shellcheck --shell=bash --external-sources --source-path=SCRIPTDIR --severity=warning "${shell_files[@]}"
}

[ $# -eq 0 ] || checks=("$@")
failed=()
for name in "${checks[@]}"; do
	if ! declare -F "check_$name" >/dev/null; then
		echo "lint: no such check: $name" >&2
		exit 2
	fi
	start=$SECONDS
	if "check_$name"; then
		printf 'lint: %-10s ok, %d s\n' "$name" $((SECONDS - start))
	else
		printf 'lint: %-10s FAILED, %d s\n' "$name" $((SECONDS - start))
		failed+=("$name")
	fi
done
if [ ${#failed[@]} -gt 0 ]; then
	echo "lint: failed: ${failed[*]}"
	exit 1
fi
