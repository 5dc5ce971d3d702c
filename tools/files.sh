#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Lists the project's own files of a kind, relative to the top, one a line: c (sources and headers), sh (bash
# scripts), text (all that carries an SPDX line), public (headers that 'make install' installs).
set -euo pipefail

cd "$(dirname "$0")/.."
# Without git (a release tarball, wherever it was unpacked) the same folders, minus what was built.
all()
{
	if [ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$(pwd -P)" ]; then
		git ls-files --cached --others --exclude-standard | while read -r file; do
			[ ! -f "$file" ] || echo "$file"
		done
	else
		find . -type f -not -path './build*' -not -path './_*' -not -path './autom4te.cache/*' | sed 's,^\./,,'
	fi | sort
}

case ${1:-} in
c) all | grep -E '\.[ch]$' || true ;;
sh) all | grep -E '\.sh$|^(quickstart|run|\.ci/run|tests/guest/(boot|init|setup))$' || true ;;
text) all | grep -E '\.([ch]|def|sh|mk|am|ac|m4|awk|js|map|pc\.in|supp)$|^(quickstart|run|\.ci/run|tests/guest/(boot|init|setup))$' |
	grep -vE '^(aclocal\.m4|m4/(libtool|lt.*)\.m4)$' || true ;;
public) all | grep -E '(^|/)local\.mk$' | xargs awk '
	/^nobase_pkginclude_HEADERS/ { on = 1; next }
	on && $1 ~ /\.h$/ { print $1 }
	!/\\$/ { on = 0 }' | sort -u ;;
*)
	echo "usage: files.sh c|sh|text|public" >&2
	exit 2
	;;
esac
