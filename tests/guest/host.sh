# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# The host's side of the guest tests, on top of tests/harness/tap.sh.
#
#	. "${top_srcdir:-.}/tests/guest/host.sh"
#	inside() { check "nvme list" nvme list; }
#	guest_emulator main --ns size=64M
#	guest_device main
#	guest_run "plain" inside
#	guest_emulator_end main
#	tap_done
#
# A guest has its own process, kernel and memory: a function of the script is sent there as text, so it knows no
# variable of the script; arguments go along. It prints results with the functions of inside.sh, which become results
# of this script. A line 'host: WORD...' calls guest_said WORD..., which a script may define.
#
# Nothing is skipped: what is missing on this machine is a failure.
. "${top_srcdir:-.}/tests/harness/tap.sh"

guest_tests_dir=${top_srcdir:-.}/tests/guest
guest_tree=${NVMELAB_GUEST:-/var/cache/nvmelab-guest}
guest_args=()
guest_functions=()
declare -A guest_pids=() guest_ready=()

"$guest_tests_dir/setup" 2>"$tap_tmp/setup" || bail_out "no guest: $(tail -n 5 "$tap_tmp/setup" | tr '\n' ' ')"
guest_host_dir=$(mktemp -d "$guest_tree/srv/nvmelab.XXXXXX") || bail_out "cannot write below $guest_tree/srv"
guest_dir=${guest_host_dir#"$guest_tree"}
tap_at_exit 'rm -rf "$guest_host_dir"'
tap_at_exit guest_stop_all

guest_stop_all()
{
	local name
	guest_kill
	for name in "${!guest_pids[@]}"; do
		kill -KILL "${guest_pids[$name]}" 2>/dev/null
	done
}

# guest_kill: ends QEMU as a crash would.
guest_kill()
{
	local pid
	pid=$(cat "$tap_tmp/qemu.pid" 2>/dev/null) || return 0
	rm -f "$tap_tmp/qemu.pid"
	kill -KILL "$pid" 2>/dev/null
}

# guest_emulator NAME OPTION...: starts an emulator; its socket is in the tree. GUEST_TRACE=1 writes traces too.
guest_emulator()
{
	local name=$1 fd line
	shift
	[ -z "${GUEST_TRACE:-}" ] || set -- "$@" --trace "${GUEST_TRACE_DIR:-/tmp}/nvmelab-guest-$name.trace"
	rm -f "$tap_tmp/$name.ready"
	mkfifo "$tap_tmp/$name.ready"
	nvmelab-emulator --socket "$guest_host_dir/$name" --log warning "$@" \
		>"$tap_tmp/$name.ready" 2>"$tap_tmp/$name.log" </dev/null &
	guest_pids[$name]=$!
	exec {fd}<"$tap_tmp/$name.ready"
	guest_ready[$name]=$fd
	if read -r -t 30 -u "$fd" line && [ "${line%% *}" = ready ]; then
		return
	fi
	bail_out "the emulator did not start: nvmelab-emulator $*: $(tail -n 5 "$tap_tmp/$name.log" | tr '\n' ' ')"
}

# guest_emulator_end NAME: it is still alive, ends when told, and had nothing to complain about; with --judge, there
# was no violation either. What advice there was is printed.
guest_emulator_end()
{
	local name=$1 status=0 fd=${guest_ready[$1]}
	if ! kill -TERM "${guest_pids[$name]}" 2>/dev/null; then
		wait "${guest_pids[$name]}" || status=$?
		not_ok "the emulator '$name' outlived its guests" "exit status: $status" "$(tail -n 20 "$tap_tmp/$name.log")"
	else
		wait "${guest_pids[$name]}" || status=$?
		if [ "$status" -eq 0 ] && ! grep -qv '^judge: ' "$tap_tmp/$name.log"; then
			ok "the emulator '$name' ends cleanly, without a complaint"
		else
			not_ok "the emulator '$name' ends cleanly, without a complaint" "exit status: $status" \
				"$(tail -n 20 "$tap_tmp/$name.log")"
		fi
	fi
	grep '^judge: ' "$tap_tmp/$name.log" | sed 's/^/# /'
	exec {fd}<&-
	unset "guest_pids[$name]" "guest_ready[$name]"
}

# guest_program FILE...: programs of the build for the guests, each with its libraries and their loader, so that it does
# not matter which system the guest has. They are in $guest_dir/bin.
guest_program()
{
	local build file name library
	build=$(cd "${top_builddir:-.}" && pwd)
	mkdir -p "$guest_host_dir/bin" "$guest_host_dir/lib"
	chmod 755 "$guest_host_dir"
	for name; do
		file=$build/$(dirname "$name")/.libs/$(basename "$name")
		[ -e "$file" ] || file=$build/$name
		name=$(basename "$name")
		cp "$file" "$guest_host_dir/bin/$name.real"
		LD_LIBRARY_PATH=$build/.libs ldd "$file" >"$tap_tmp/libraries" || bail_out "not a program: $file"
		while read -r library; do
			cp -Lu "$library" "$guest_host_dir/lib/"
		done < <(grep -oE '(^|[[:space:]])/[^ ]*' "$tap_tmp/libraries")
		library=$(cd "$guest_host_dir/lib" && echo ld-linux*)
		printf '#!/bin/sh\nexec %s/lib/%s --library-path %s/lib %s/bin/%s.real "$@"\n' \
			"$guest_dir" "$library" "$guest_dir" "$guest_dir" "$name" >"$guest_host_dir/bin/$name"
		chmod 755 "$guest_host_dir/bin/$name"
	done
}

# guest_image NAME MIB: an empty disk image for QEMU's own devices; its path is $guest_dir/NAME.
guest_image() { truncate -s "$2M" "$guest_host_dir/$1"; }

# guest_drive NAME: QEMU's node for that image.
guest_drive() { guest_args+=(-blockdev "driver=file,filename=$guest_dir/$1,node-name=$1"); }

# guest_json NAME [KEY:VALUE...]: the device that the emulator NAME is, as QEMU wants it.
guest_json()
{
	local name=$1 more='' pair
	shift
	for pair; do
		case ${pair#*:} in
		true | false) more+=",\"${pair%%:*}\":${pair#*:}" ;;
		*) more+=",\"${pair%%:*}\":\"${pair#*:}\"" ;;
		esac
	done
	printf '{"driver":"vfio-user-pci","socket":{"type":"unix","path":"%s"}%s}' "$guest_dir/$name" "$more"
}

# guest_device NAME [KEY:VALUE...]: the next guest has it. Linux numbers controllers in the order of these calls.
guest_device()
{
	guest_args+=(-device "$(guest_json "$@")")
}

# guest_qmp_begin: the next guest can be controlled with guest_qmp.
guest_qmp_begin()
{
	rm -f "$guest_host_dir"/qmp.*
	mkfifo "$guest_host_dir/qmp.in" "$guest_host_dir/qmp.out"
	exec {guest_qmp_in}<>"$guest_host_dir/qmp.in" {guest_qmp_out}<>"$guest_host_dir/qmp.out"
	guest_args+=(-qmp "pipe:$guest_dir/qmp")
	guest_qmp '{"execute":"qmp_capabilities"}'
}

guest_qmp() { printf '%s\n' "$1" >&"$guest_qmp_in"; }

# guest_qmp_end: QEMU refused nothing.
guest_qmp_end()
{
	local line errors=''
	while read -r -t 0.1 -u "$guest_qmp_out" line; do
		case $line in *'"error"'*) errors+=$line ;; esac
	done
	exec {guest_qmp_in}<&- {guest_qmp_out}<&-
	if [ -z "$errors" ]; then
		ok "QEMU took every command of its monitor"
	else
		not_ok "QEMU took every command of its monitor" "$errors"
	fi
}

guest_said() { not_ok "the guest said something that nobody expects" "$*"; }

# guest_send FUNCTION...: the function of the next guest calls these.
guest_send() { guest_functions+=("$@"); }

# guest_run NAME FUNCTION [ARGUMENT...]: boots with the devices named before; its results carry NAME. The environment
# of tests/guest/boot applies. Returns the exit status of tests/guest/boot, after a result for one that GUEST_EXIT (a
# regular expression, 0) does not match.
guest_run()
{
	local name=$1 line status='' script=run.$tap_count failed_line=''
	shift
	{
		cat "$guest_tests_dir/inside.sh"
		declare -f "$1" "${guest_functions[@]}"
		printf '%q ' "$@"
		printf '\n'
	} >"$guest_host_dir/$script"
	while read -r line; do
		case $line in
		'ok - '*) guest_flush; ok "$name: ${line#ok - }" ;;
		'not ok - '*) guest_flush; failed_line=$name:\ ${line#not ok - }; guest_lines=() ;;
		'# '*) guest_lines+=("${line#\# }") ;;
		'host: '*)
			guest_flush
			# shellcheck disable=SC2086 # words
			guest_said ${line#host: }
			;;
		boot-exit=*) status=${line#boot-exit=} ;;
		guest-exit=*) ;;
		?*) [[ -n ${guest_noise:-} && $line =~ $guest_noise ]] || printf '# %s\n' "$line" ;;
		esac
	done < <(GUEST_TIMEOUT=${GUEST_TIMEOUT:-600} CONSOLE=$tap_tmp/console QEMU_PID=$tap_tmp/qemu.pid \
		"$guest_tests_dir/boot" "$guest_dir/$script" "${guest_args[@]}" 2>&1; echo "boot-exit=$?")
	guest_flush
	rm -f "$tap_tmp/qemu.pid"
	guest_args=()
	guest_functions=()
	if [[ $status =~ ^(${GUEST_EXIT:-0})$ ]]; then
		ok "$name: the guest ran to its end"
	else
		not_ok "$name: the guest ran to its end" "exit status $status" "$(tail -n 30 "$tap_tmp/console")"
	fi
	return "$status"
}

# guest_flush: reports a failure whose explanation is complete.
guest_flush()
{
	[ -n "$failed_line" ] || return 0
	not_ok "$failed_line" "${guest_lines[@]}"
	failed_line=
}
