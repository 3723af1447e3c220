#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Inside the machine: runs the tests, shows what the table is made of, and switches the machine off.
# Between the two marks stands what the host keeps.
cd "$(dirname "$0")/../.." || exit 1
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TMPDIR=/tmp
for word in $(cat /proc/cmdline); do
	case $word in agfeo_*) declare -x "${word%%=*}=${word#*=}" ;; esac
done
# shellcheck disable=SC2154 # from the command line of the kernel
export BUILD=$agfeo_build LIMIT=${agfeo_limit:-1800} SHOWN=40 JOBS=1
# In software emulation all takes its time, and on a busy host the machine stands still at times.
export PATIENCE=8 WINDOW=8
# So many CPUs are there, for a test that starts and stops them.
export CPUS=${agfeo_cpus:-}
mkdir -p /lib/modules
# shellcheck disable=SC2154
mount --bind "$agfeo_modules" /lib/modules
ip link set lo up
# Logs of the host's tests would be taken for ours.
rm -f "$BUILD"/test/log/*.log
printf '\n=== %s\n' "$(uname -r)"
# shellcheck disable=SC2154
for test in ${agfeo_follow:+${agfeo_tests//,/ }}; do
	tail -n +1 -F "$BUILD/test/log/${test//\//-}.log" 2> /dev/null &
done
# shellcheck disable=SC2086 # names
tests/run.sh ${agfeo_tests//,/ }
echo "=== $?"
cat "$BUILD"/test/log/prog-cost.log "$BUILD"/test/log/guest-call.log 2> /dev/null | grep -E '^(cost|attached): '
echo "=== end"
sync
echo o > /proc/sysrq-trigger
sleep 60
