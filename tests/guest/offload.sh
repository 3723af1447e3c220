#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# A flowtable in the kernel's firewall: flows that it takes past forwarding and NAT are judged, marked
# and counted all the same where the programs are below its hook; where they are above, they are not,
# and the audit says so.

. "$(dirname "$0")/../e2e/lib.sh"
. "$E2E_DIR/lib_calls.sh"
. "$(dirname "$0")/lib_guest.sh"

VLAN=20
TAGGED4=192.168.30.70

# flowtable DEVICE...: for all UDP that was answered.
flowtable() {
	local devices="$*"
	in_ns fw nft -f - <<-RULES
		table ip fast {
			flowtable ft {
				hook ingress priority 0
				devices = { ${devices// /, } }
			}
			chain forward {
				type filter hook forward priority 0;
				ip protocol udp ct state established flow add @ft
			}
		}
	RULES
}

offloaded() { in_ns fw grep -c "sport=$1 .*OFFLOAD" /proc/net/nf_conntrack; }
some_offloaded() { [ "$(offloaded $1)" -gt 0 ]; }

# found: what the audit says of flowtables.
found() {
	box audit --json | jq -r '[.findings[] | select(.id == "flow-offload") | "\(.severity) \(.object)"] | join("; ")'
}

rule() { in_ns fw nft -a list chain ip fast forward | sed -n 's/.*@ft # handle \([0-9]*\)$/nft ip fast forward handle \1/p'; }

seen_below() {
	check 'programs below: a call within' call_begins in phone $PHONE4 65110 pbx $PBX4 5230 300
	check 'programs below: a call with the provider, masqueraded' \
		call_begins out pbx $PBX4 5232 prov $PROV4 30100 300
	check 'programs below: all hear each other' call_talks in out
	check 'programs below: the flowtable takes the call within' wait_for 30 some_offloaded 65110
	check 'programs below: and the one with the provider' wait_for 30 some_offloaded 5232
	check 'programs below: they talk for a while' wait_for 120 long_enough in out
	hang_up out
	check_call 'programs below, PBX - provider' out
	check_figures 'programs below, PBX - provider' out 5232
}

# What is forbidden while it goes past forwarding stops at once.
forbidden_below() {
	local heard
	sed -i "s/^rtp-ports .*/rtp-ports = 65000-65010/" "$WORLD_DIR/agfeo.conf"
	check 'programs below: the call within is forbidden while it runs' box load
	check 'programs below: it is dropped' wait_for 30 counted_more softphone not-listed 20
	stop talk-in-a
	stop talk-in-b
	check_equal 'programs below: the audit says what it costs' "warning $(rule)" "$(found)"
	check 'programs below: unload' box unload
	sed -i "s/^rtp-ports .*/rtp-ports = $PHONE_RTP/" "$WORLD_DIR/agfeo.conf"
}

# The phone in VLAN 20; the configuration names the VLAN interface.
tagged_world() {
	in_ns fw nft delete table ip fast
	ip -n "$WORLD-phone" link add link eth0 name eth0.$VLAN type vlan id $VLAN
	ip -n "$WORLD-phone" link set eth0.$VLAN up
	ip -n "$WORLD-phone" address add $TAGGED4/24 dev eth0.$VLAN
	ip -n "$WORLD-phone" route replace default via 192.168.30.1
	ip -n "$WORLD-fw" link add link lan0 name lan0.$VLAN type vlan id $VLAN
	ip -n "$WORLD-fw" link set lan0.$VLAN up
	ip -n "$WORLD-fw" address add 192.168.30.1/24 dev lan0.$VLAN
	sed -i "s/$PHONE4, $PHONE6/$TAGGED4/; s,fd00:20::/64,&\, 192.168.30.0/24," "$WORLD_DIR/agfeo.conf"
	sed -i "s/interface lan0\]/interface lan0.$VLAN]/; /^\[interface lan1\]/,+2d" "$WORLD_DIR/agfeo.conf"
}

# With lan0.20 managed alone and the flowtable on what it stands on.
passed_above() {
	check 'programs above: the configuration loads' box load
	check 'programs above: a flowtable on the trunk' flowtable lan0 lan1
	check 'programs above: a call' call_begins past phone $TAGGED4 65112 pbx $PBX4 5234 300
	check 'programs above: they hear each other' call_talks past
	check 'programs above: they talk for a while' wait_for 120 long_enough past
	hang_up past
	check 'programs above: it ends' finish talk-past-a 70
	check 'programs above: at its other end too' finish talk-past-b 10
	note "$(offloaded 65112) offloaded; the box booked $(stream 65112 out packets) of" \
		"$(book past-b | jq .received) packets, $(book past-b | jq .ef) arrived as EF"
	check_equal 'programs above: the audit says that they are passed by' "fault $(rule)" "$(found)"
}

tools_built talk
test_begin offload jq
world_up
needs 'flowtables (nf_flow_table)' flowtable lan0 lan1 wan0
check 'the configuration loads' box load
seen_below
forbidden_below
tagged_world
passed_above
test_end
