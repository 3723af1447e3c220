#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2046,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# A first load on a box that works already: UDP flows that conntrack saw somebody open go on, whoever
# sends next, through masquerading, a redirection and without either; what nobody opened is refused.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_calls.sh"

ALIAS4=192.168.10.1 ALIAS6=fd00:10::1 # the box, which some take for the provider
DESK4=192.168.20.1		      # the box, which some take for the PBX

# What the box has besides world_nat: IPv6 is tracked too, and some go by an address of the box.
redirections() {
	in_ns fw nft -f - <<-RULES
		table ip aliases {
			chain prerouting {
				type nat hook prerouting priority dstnat - 1;
				ip daddr $ALIAS4 udp dport 5060 dnat to $PROV4
				ip daddr $DESK4 udp dport 5060 dnat to $PBX4
				ip daddr $PUBLIC4 udp dport 5068 dnat to $PBX4
			}
		}
		table ip6 aliases {
			chain prerouting {
				type nat hook prerouting priority dstnat;
				ip6 daddr $ALIAS6 udp dport 5060 dnat to $PROV6
			}
		}
	RULES
}

# peer NS END...: speaks for the namespace.
peer() {
	local ns=$1
	shift
	mkfifo "$WORLD_DIR/orders-$ns"
	spawn "$ns" "$ns" python3 "$E2E_DIR/mailbox.py" "$WORLD_DIR/orders-$ns" "$@"
	wait_for 10 says "$ns" ready
}

# tell NS PORT ADDRESS PORT TEXT: sends it.
tell() {
	local ns=$1
	shift
	echo "$*" > "$WORLD_DIR/orders-$ns"
}
heard() { wait_for 10 says "$1" "$2"; }

# refused WHAT DEVICE REASON NS PORT ADDRESS PORT: on its account ("": at the uplink, before NAT), and
# the PBX hears nothing.
refused() {
	local what=$1 device=$2 reason=$3 before text="not for you, $4 $5 $7"
	shift 3
	before=$(drops "$device" $reason)
	tell "$@" "$text"
	check "$what: $reason" wait_for 10 more_drops "$device" $reason "$before"
	check_not "$what: the PBX hears nothing" says pbx "$text"
}
more_drops() { [ "$(drops "$1" $2)" -gt "$3" ]; }

# The flow of the PBX as `flows` has it, by its own port and the other end.
flow() {
	box flows --json | jq -r ".flows[] | select((.local | endswith(\":$1\")) and .remote == \"$2\")
		| \"\(.device) \(.service) \(.class) \(.opener) \(.state)\""
}
taken() { jq .flows_taken_over "$WORLD_DIR/log/load"; }
load() { box load --json "$@" > "$WORLD_DIR/log/load" 2> "$WORLD_DIR/log/said"; }

# ------------------------------------------------------------------ before anything is loaded

everybody() {
	local port
	check 'the PBX' peer pbx $(for port in 68 4000 5060 $(seq 5064 5071) 5204; do echo "$PBX4:$port [$PBX6]:$port"; done)
	check 'the provider' peer prov $(for port in 5060 5061 30000; do echo "$PROV4:$port [$PROV6]:$port"; done)
	check 'somebody in the internet' peer att $ATT4:7000 "[$ATT6]:7000"
	check 'an office computer' peer pc $PC4:5062
}

# asked WHAT NS PORT ADDRESS PORT: it asks, the other end answers, in the family and by the address asked.
asked() {
	local what=$1 ns=$2 port=$3 address=$4 peer=$5
	shift
	tell "$@" "ask $port"
	check "before: $what" heard $ns "^$port: told $port from $address $peer\$"
}

before() {
	asked 'the PBX registers, masqueraded' pbx 5064 $PROV4 5060
	asked 'by IPv6, routed' pbx 5064 $PROV6 5060
	asked 'by an address of the box, redirected' pbx 5065 $ALIAS4 5060
	asked 'so by IPv6' pbx 5065 $ALIAS6 5060
	asked 'the office at an address of the box, redirected to the PBX' pc 5062 $DESK4 5060
	asked 'voice' pbx 5204 $PROV4 30000
	asked 'the provider opens what only the PBX may' prov 5061 $PBX4 5070
	asked 'the PBX opens what its list has not' pbx 4000 $ATT4 7000
	asked 'and where its list does not reach' pbx 5071 $ATT4 7000
	tell pbx 68 $ALIAS4 67 'DHCP, which no flow is made of'
	tell pbx 5066 $PROV4 5061 'unanswered'
	check 'before: the PBX asks, and is not answered' heard prov '^5061: unanswered'
	tell att 7000 $PUBLIC4 5068 'knock'
	check 'before: a stranger is forwarded to the PBX' heard pbx '^5068: knock'
}

# ------------------------------------------------------------------ the first load

# Redirected without masquerading, a flow has other ends at either side: two entries.
known() {
	local client='pbx sip-client signalling out'
	check_equal 'what the policy allows of it is taken over' 8 "$(taken)"
	check_equal 'and nothing else' 8 "$(box flows --json | jq '.flows | length')"
	check_equal 'masqueraded: whose it is' "$client answered" "$(flow 5064 "$PROV4:5060")"
	check_equal 'IPv6: whose it is' "$client answered" "$(flow 5064 "[$PROV6]:5060")"
	check_equal 'redirected: whose it is' "$client answered" "$(flow 5065 "$ALIAS4:5060")"
	check_equal 'redirected, IPv6: whose it is' "$client answered" "$(flow 5065 "[$ALIAS6]:5060")"
	check_equal 'redirected to the PBX: whose it is' 'pbx sip-registrar signalling in answered' "$(flow 5060 "$PC4:5062")"
	check_equal 'voice: whose it is' 'pbx rtp voice out answered' "$(flow 5204 "$PROV4:30000")"
	check_equal 'unanswered: whose it is' "$client new" "$(flow 5066 "$PROV4:5061")"
}

# The other end sends first.
goes_on() {
	tell prov 5060 $PUBLIC4 5064 'INVITE masqueraded'
	check 'the provider calls, masqueraded' heard pbx "^5064: INVITE masqueraded from $PROV4 5060"
	tell prov 5060 $PBX6 5064 'INVITE routed'
	check 'and by IPv6' heard pbx "^5064: INVITE routed from $PROV6 5060"
	tell prov 5060 $PUBLIC4 5065 'INVITE redirected'
	check 'and through a redirection' heard pbx "^5065: INVITE redirected from $ALIAS4 5060"
	tell prov 5060 $PBX6 5065 'INVITE redirected'
	check 'and through that of IPv6' heard pbx "^5065: INVITE redirected from $ALIAS6 5060"
	tell pbx 5060 $PC4 5062 'INVITE inside'
	check 'the PBX calls the office' heard pc "^5062: INVITE inside from $DESK4 5060"
	tell prov 5061 $PUBLIC4 5066 'late'
	check 'an answer comes that was on its way' heard pbx "^5066: late from $PROV4 5061"
	tell prov 30000 $PUBLIC4 5204 'voice'
	check 'voice goes on' heard pbx '^5204: voice'
	check_equal 'all of it on flows that were there' 8 "$(box flows --json | jq '.flows | length')"
	check_equal 'each counts what came' '1 1 1 1 1 1 1 1' \
		"$(box flows --json | jq -r '[.flows[] | .in.packets + .out.packets] | join(" ")')"
	check_equal 'an answered one is so now' 'pbx sip-client signalling out answered' "$(flow 5066 "$PROV4:5061")"
}

stays_out() {
	refused 'the provider, where nobody opened' pbx direction prov 5060 $PBX4 5067
	refused 'so by IPv6' pbx direction prov 5060 $PBX6 5067
	refused 'so through a forward' pbx direction prov 5060 $PUBLIC4 5068
	refused 'from another port than was asked' pbx direction prov 5061 $PBX6 5064
	refused 'what the provider opened before' pbx direction prov 5061 $PBX4 5070
	refused 'a stranger, at the port that registered' pbx direction att 7000 $PBX6 5064
	refused 'a stranger who was let in before' '' scope att 7000 $PUBLIC4 5068
	refused 'what the PBX opened against the policy' pbx not-listed att 7000 $PUBLIC4 4000
	refused 'and beyond where it may reach' '' scope att 7000 $PUBLIC4 5071
}

first_load() {
	check 'the first load' load
	check_equal 'has nothing to say of conntrack' '' "$(grep conntrack "$WORLD_DIR/log/said")"
	known
	goes_on
	stays_out
	check 'a second load' load
	check_equal 'takes nothing over' 0 "$(taken)"
	check_not 'nor says so' eval "box load | grep -q 'took over'"
	tell prov 5060 $PUBLIC4 5064 'INVITE again'
	check 'and what was taken over lives on' heard pbx '^5064: INVITE again'
}

# ------------------------------------------------------------------ other first loads

# More than the tables hold: what is left out is said.
too_many() {
	check 'unload' box unload
	sed -i '/^\[site\]/a flows = 1024' "$WORLD_DIR/agfeo.conf"
	for ((port = 20000; port < 21500; port++)); do
		echo "5064 $PROV4 $port x"
	done > "$WORLD_DIR/orders-pbx"
	tell pbx 5064 $PROV4 30000 'last'
	check 'a scan goes out' heard prov '^30000: last'
	check 'a first load --confirm' eval "box load --confirm 60 > '$WORLD_DIR/log/load' 2> '$WORLD_DIR/log/said'"
	check 'takes over what a table holds' grep -qE '^took over 10[23][0-9] UDP flows from conntrack$' "$WORLD_DIR/log/load"
	check 'and says how much it left out' grep -qE 'conntrack: [0-9]+ open UDP flows do not fit' "$WORLD_DIR/log/said"
	check 'confirm' box confirm
}

# Without what conntrack knows, the load is one as any other.
not_told() {
	check 'unload' box unload
	check 'a first load that conntrack does not answer' eval "in_ns fw env LD_PRELOAD='$TOOLS/shim.so' TRACKING_ERRNO=1 '$AGFEOCTL' \
		--pin '$WORLD_DIR/bpf/agfeo' --run '$WORLD_DIR/run' -c '$WORLD_DIR/agfeo.conf' load --json > '$WORLD_DIR/log/load' 2> '$WORLD_DIR/log/said'"
	check_equal 'takes nothing over' 0 "$(taken)"
	check_equal 'and says so in one line' 1 "$(grep -c 'conntrack: Operation not permitted: ' "$WORLD_DIR/log/said")"
	refused 'the provider, whom nobody knows then' pbx direction prov 5060 $PBX6 5064
}

tools_built shim.so
test_begin takeover jq python3 conntrack
world_up
redirections
everybody
before
check 'conntrack knows who opened what' eval "in_ns fw conntrack -L -p udp | grep -q $PBX4"
first_load
too_many
not_told
test_end
