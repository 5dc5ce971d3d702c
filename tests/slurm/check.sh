#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# An exploration that a cluster shares: 'make check-slurm', as root. Slurm runs on this machine alone, with a configuration,
# a key, ports and a state of its own; the recipe is the one of docs/sim.md. What its shares give together has to be, byte
# for byte, what one process gives.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99
: "${tap_tmp:?}"
page=$(cd "${top_srcdir:-.}" && pwd)/docs/sim.md || exit 99
# Their package puts them where only root's PATH leads.
PATH=$PATH:/usr/sbin:/sbin
chmod 711 "$tap_tmp" # munged wants its socket to be within reach of everybody
cd "$tap_tmp" || exit 99

[ "$(id -u)" -eq 0 ] || bail_out "Slurm's daemons need root"
for program in munged slurmctld slurmd sbatch nvmelab-sim; do
	command -v "$program" >/dev/null || bail_out "there is no $program: tools/packages.sh install ci"
done

# recipe N: block N of the page's section about Slurm.
recipe()
{
	awk -v want="$1" '/^## / { section = $0 } section != "## On a cluster" { next }
		/^```sh/ { inside = 1; n++; next } /^```/ { inside = 0 } inside && n == want' "$page"
}

# free_port: prints one at which nobody listens.
free_port()
{
	local port=$((20000 + $$ % 20000))
	while [ "$port" = "${1:-}" ] || (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
		port=$((port + 1))
	done
	echo "$port"
}

configure()
{
	local ctl d
	ctl=$(free_port)
	d=$(free_port "$ctl")
	mkdir munge state spool
	dd if=/dev/urandom of=munge/key bs=128 count=1 2>/dev/null
	chmod 600 munge/key
	# Nothing is taken from /etc, and nothing of it needs control groups. Two processors, whatever there are.
	cat >slurm.conf <<E2
ClusterName=nvmelab-test
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$ctl
SlurmdPort=$d
SlurmUser=root
SlurmdUser=root
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/munge
AuthInfo=socket=$PWD/munge/socket
CredType=cred/munge
StateSaveLocation=$PWD/state
SlurmdSpoolDir=$PWD/spool
SlurmctldPidFile=$PWD/slurmctld.pid
SlurmdPidFile=$PWD/slurmd.pid
PlugStackConfig=$PWD/plugstack.conf
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
MailProg=/bin/true
MessageTimeout=100
SlurmdParameters=config_overrides
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
E2
	# What cannot be left out before Slurm 23.02 asks for nothing in its first version.
	case $(slurmd -V) in
	*" 22."*) echo CgroupPlugin=cgroup/v1 ;;
	*) echo CgroupPlugin=disabled ;;
	esac >cgroup.conf
	: >plugstack.conf
	export SLURM_CONF=$PWD/slurm.conf
}

# start NAME COMMAND...: a daemon in the foreground; its log is NAME.log. Ends with the script.
start()
{
	local name=$1
	shift
	"$@" >"$name.log" 2>&1 </dev/null &
	tap_at_exit "kill $! 2>/dev/null; wait $! 2>/dev/null"
	daemon=$!
}

# says NAME REGEX: waits until the log of the daemon that was started last has such a line; fails if it ends before.
says() { grep -q -m 1 -E -- "$2" < <(exec tail --pid="$daemon" -n +1 -f "$1.log" 2>/dev/null); }

# failed WHY: with what the daemons say.
failed()
{
	tail -n 30 -- *.log | sed 's/^/# /'
	bail_out "$1"
}

configure
start munged munged --foreground --force --socket="$PWD/munge/socket" --key-file="$PWD/munge/key" \
	--pid-file="$PWD/munge/pid" --seed-file="$PWD/munge/seed" --log-file="$PWD/munged.log" --num-threads=2
start slurmctld slurmctld -D -i -f "$SLURM_CONF"
says slurmctld 'Running as primary controller' || failed "slurmctld does not start"
start slurmd slurmd -D -f "$SLURM_CONF"
says slurmd 'slurmd started' || failed "slurmd does not start"
ok "Slurm runs"

recipe 1 >explore.sbatch
recipe 2 >submit
check "the recipe is there" grep -q '^#SBATCH .*--array=1-8' explore.sbatch
cat >queues.ini <<'E2'
[scenario]
format = 1
[workload]
ops = 64
E2
check "eight jobs, and their reports joined" bash -e submit
check "each job made a report of its own" sh -c 'set -- share-?.json; [ $# = 8 ] && cat "$@" | jq -es "all(.run > 0)"'
check "the jobs had nothing to say" sh -c '! cat share-*.log | grep .'
nvmelab-sim explore queues.ini -o json >whole.json
check "the whole is what one process gives" cmp whole.json report.json
check "and there was something to explore" jq -e '.run > 500 and .failed == []' report.json
[ "$tap_failed" -eq 0 ] || tail -n 30 -- *.log | sed 's/^/# /'
tap_done
