#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# ./quickstart and its list of packages on systems that are not this one: other releases, other users, other
# distributions, without packages. Programs that would change the system are replaced.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99

top=$(cd "${top_srcdir:-.}" && pwd)
bin=$tap_tmp/bin
tree=$tap_tmp/tree
mkdir -p "$bin" "$tree/tools"
cp "$top/quickstart" "$tree/"
cp "$top/tools/packages.sh" "$tree/tools/"
chmod +x "$tree/tools/packages.sh"
packages=$tree/tools/packages.sh

# stub NAME BODY: a program that is found first.
stub()
{
	printf '#!/bin/sh\n%s\n' "$2" >"$bin/$1"
	chmod +x "$bin/$1"
}

# on ID VERSION: a system with that name. user UID, installed NAME|all|none: who calls, and what is there.
on()
{
	printf 'ID=%s\nVERSION_ID="%s"\n' "$1" "$2" >"$tap_tmp/os-release"
	export OS_RELEASE=$tap_tmp/os-release
}
user() { stub id "echo $1"; }
installed()
{
	case $1 in
	all) stub dpkg-query 'printf installed' ;;
	none) stub dpkg-query 'exit 1' ;;
	*) stub dpkg-query "for last; do :; done; [ \"\$last\" = $1 ] && printf installed" ;;
	esac
}
export PATH=$bin:$PATH
user 0
installed none
stub apt-get "echo \"\$*\" >>$tap_tmp/apt"

# Systems.
for system in 'debian 12 14' 'debian 13 19' 'ubuntu 24.04 18'; do
	read -r id version clang <<<"$system"
	on "$id" "$version"
	check_output "$id $version: the base has a compiler" '^gcc$' bash "$packages" list base
	check_output "$id $version: its own clang" "^libclang-rt-$clang-dev$" bash "$packages" list machines
done
on fedora 41
check_status "another system is no permission to install" 3 bash "$packages" install base
check_file "it is named" 'not for this system \(fedora 41\)' "$tap_tmp/err"
check_file "so are those that are known" 'Debian 12, Debian 13 and Ubuntu 24\.04' "$tap_tmp/err"
check_file "and what is needed" 'libglib2\.0-dev' "$tap_tmp/err"
OS_RELEASE=$tap_tmp/none check_status "so is one without a name" 3 bash "$packages" list base
check_file "which is said" 'not for this system \(unknown' "$tap_tmp/err"

# Users.
on debian 12
user 1000
check_status "without permission nothing is installed" 3 bash "$packages" install base
check_file "it says what to run" '^ +sudo apt-get install --no-install-recommends gcc libc6-dev ' "$tap_tmp/err"
check "quickstart says the same" sh -c '! bash "$1" run >"$2/said" 2>&1' sh "$tree/quickstart" "$tap_tmp"
check_file "with the command to run" 'sudo apt-get install --no-install-recommends gcc' "$tap_tmp/said"
check_status "and ends as an environment that is not there" 3 bash "$tree/quickstart" check
check "before it generates or builds anything" sh -c '[ -z "$(ls "$1/build")" ]' sh "$tree"
installed all
check "with all packages no permission is needed" bash "$packages" install base
check "and none is asked for" sh -c '[ ! -e "$1" ]' sh "$tap_tmp/apt"

# Packages.
user 0
installed check
check "what is missing is installed" bash "$packages" install base
check_file "without questions, and nothing beside it" '^install -y -q --no-install-recommends gcc ' "$tap_tmp/apt"
check "what is there is not" sh -c '! grep -wE " check( |$)" "$1"' sh "$tap_tmp/apt"
rm "$tap_tmp/apt"
stub apt-get "echo \"\$1\" >>$tap_tmp/apt; [ \"\$1\" = update ] || [ \"\$(grep -c . $tap_tmp/apt)\" -eq 3 ]"
check "with old lists it is tried again with fresh ones" bash "$packages" install base
check "once" sh -c '[ "$(tr "\n" " " <"$1")" = "install update install " ]' sh "$tap_tmp/apt"
stub apt-get 'exit 100'
check_status "an installation that fails is a failure" 1 bash "$packages" install base
check_status "a set that there is not is a mistake" 2 bash "$packages" list no-such-set
check_status "so is a verb" 2 bash "$packages" remove base

# On another system quickstart goes on: what is needed may be there.
on fedora 41
stub autoreconf 'echo no m4 here >&2; exit 1'
check_status "on another system quickstart tries" 1 bash "$tree/quickstart" run
check_file "says what it would need" 'not for this system' "$tap_tmp/err"
check_file "and what failed" "'generating configure' failed; all of its output is in .*build/autoreconf\.log" "$tap_tmp/err"
check_file "with its own words" '^    no m4 here' "$tap_tmp/out"

# Use.
check_output "quickstart --help" '^usage: \./quickstart run ' bash "$tree/quickstart" --help
for arguments in '' 'walk' 'run fast'; do
	# shellcheck disable=SC2086 # a list
	check_status "quickstart '$arguments' is a mistake" 2 bash "$tree/quickstart" $arguments
done
tap_done
