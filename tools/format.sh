#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# 'make format' rewrites the C files as .clang-format says; '--check' only says which differ (part of lint).
# The result depends on clang-format's version, so exactly version 14 is used.
set -eu

cd "$(dirname "$0")/.."
tool=
for name in clang-format-14 clang-format; do
	if command -v "$name" >/dev/null && "$name" --version | grep -q 'version 14\.'; then
		tool=$name
		break
	fi
done
if [ -z "$tool" ]; then
	echo "format: clang-format 14 is not installed (Debian 12: clang-format)" >&2
	[ "${1:-}" = --check ] && exit 77
	exit 3
fi
files=$(tools/files.sh c)
[ -n "$files" ] || exit 0
if [ "${1:-}" = --check ]; then
	# shellcheck disable=SC2016 # the inner shell's
	differing=$(xargs -P "$(nproc)" -n 8 sh -c 'tool=$1; shift; for file; do
		"$tool" "$file" | cmp -s - "$file" || echo "$file"; done' check "$tool" <<<"$files" | sort)
	[ -n "$differing" ] || exit 0
	echo "not formatted ('make format' does it):"
	while read -r file; do
		printf '    %s: %d lines\n' "$file" "$("$tool" "$file" | diff "$file" - | grep -c '^<')"
	done <<<"$differing"
	exit 1
fi
xargs "$tool" -i <<<"$files"
