#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# The daemon: export, names of AGFEO's hosts, reload, interfaces that come back, its death and its end.

. "$(dirname "$0")/lib.sh"
. "$ROOT_DIR/tests/demo/peers.sh"

PROM=agfeo.prom
TALKER=$ROOT_DIR/tests/voice/talker.py

pin() { echo "$WORLD_DIR/bpf/agfeo"; }
prom() { echo "$WORLD_DIR/textfile/$PROM"; }
daemon() { box status --json 2> /dev/null | jq -r ".daemon.$1"; }
generation() { box status --json | jq -r .generation; }
attached() { ip -n "$WORLD-fw" -j -d link show dev "$1" 2> /dev/null | jq -e '.[0].xdp.prog.id' > /dev/null; }
written_since() { [ "$(prom)" -nt "$1" ]; }
same() { [ "$("${@:2}")" = "$1" ]; }
count_of() { grep -cF -- "$2" "$WORLD_DIR/log/$1"; }
histogram() { awk -v name="$1" 'index($0, name) == 1 { print $NF }' "$(prom)"; }
has_histogram() { [ "$(histogram "$1")" -ge "$2" ]; } 2> /dev/null

daemon_up() { # NAME of its log
	spawn "$1" fw env NOTIFY_SOCKET="$WORLD_DIR/notify" WATCHDOG_USEC=400000 \
		"$AGFEOCTL" --pin "$(pin)" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" run
}

# ------------------------------------------------------------------ names

name_server() {
	cat > "$WORLD_DIR/names" <<-NAMES
		remote.agfeo.de 300 CNAME cdn.example
		cdn.example 300 A $ATT4
		cdn.example 300 AAAA $ATT6
		remote2.agfeo.de 300 A 192.168.20.50
	NAMES
	spawn dns net python3 "$E2E_DIR/dns.py" 203.0.113.1:53 "$WORLD_DIR/names"
	wait_for 5 says dns ready
}

reaches() { PATIENCE=1 knock pbx tcp "$1" 443; }
cloud() { bpftool -j map dump pinned "$(pin)/map/$1" | jq length; }

names() {
	spawn https4 att nc -lk $ATT4 443
	spawn https6 att nc -lk $ATT6 443
	spawn other prov nc -lk $PROV4 443
	check_equal 'without a daemon no host of AGFEO is known' '' "$(reaches $ATT4)"
	check 'which load says' grep -q "once 'agfeoctl run'" "$WORLD_DIR/log/load"
	daemon_up run1
	check 'the textfile is there at once' wait_for 3 test -s "$(prom)"
	check 'an alias leads to an address' wait_for 5 same 1 cloud cloud4
	check 'of IPv6 too' wait_for 5 same 1 cloud cloud6
	check_equal 'the PBX reaches it' '443 ' "$(reaches $ATT4)"
	check_equal 'by IPv6 too' '443 ' "$(reaches $ATT6)"
	check_equal 'and nobody else' '' "$(reaches $PROV4)"
	check 'an answer within the site is not believed' says run1 '192.168.20.50 is not believed'
	check 'status says which name is unknown' \
		sh -c "ip netns exec $WORLD-fw '$AGFEOCTL' --pin '$(pin)' --run '$WORLD_DIR/run' status | grep -q 'AGFEO hosts    1 of 3'"
}

names_move() {
	sed -i "s/$ATT4/$PROV4/" "$WORLD_DIR/names"
	kill -HUP "$(pid_of run1)"
	check 'a name that moves is followed' wait_for 5 same 2 cloud cloud4
	check_equal 'to where it is now' '443 ' "$(reaches $PROV4)"
	check_equal 'and where it was, for a while' '443 ' "$(reaches $ATT4)"
	check 'only whole names are asked' sh -c "! grep -v ready '$WORLD_DIR/log/dns' | grep -qv 'agfeo.de \\|cdn.example '"
}

# ------------------------------------------------------------------ its work

service() {
	touch "$WORLD_DIR/mark"
	check 'the textfile is refreshed' wait_for 4 written_since "$WORLD_DIR/mark"
	check_equal 'status knows the daemon' "$(pid_of run1)" "$(daemon pid)"
	check_not 'there is one at a time' box run
	check 'systemd is told that it is ready' wait_for 3 says notify READY=1
	check 'and that it lives' wait_for 3 says notify WATCHDOG=1
}

reload() {
	local before
	before=$(generation)
	sed -i 's/^sip-accounts = 4/sip-accounts = 5/' "$WORLD_DIR/agfeo.conf"
	kill -HUP "$(pid_of run1)"
	check 'SIGHUP loads' wait_for 5 same $((before + 1)) generation
	check 'systemd is told' wait_for 3 says notify RELOADING=1
	cp "$WORLD_DIR/agfeo.conf" "$WORLD_DIR/good.conf"
	echo 'modell = visofon' >> "$WORLD_DIR/agfeo.conf"
	kill -HUP "$(pid_of run1)"
	check 'one with a fault does not' wait_for 5 says run1 'reload failed'
	check_equal 'what ran still runs' $((before + 1)) "$(generation)"
	check 'status shows file and line' wait_for 5 \
		sh -c "ip netns exec $WORLD-fw '$AGFEOCTL' --pin '$(pin)' --run '$WORLD_DIR/run' status | grep -q 'agfeo.conf:[0-9]*: '"
	check 'the daemon lives on' running run1
	cp "$WORLD_DIR/good.conf" "$WORLD_DIR/agfeo.conf"
	kill -HUP "$(pid_of run1)"
	check 'and loads again' wait_for 5 same $((before + 2)) generation
	check 'status has nothing to complain of' wait_for 3 same null daemon reload_error
}

refreshed() {
	touch "$WORLD_DIR/mark"
	wait_for 4 written_since "$WORLD_DIR/mark"
}
refreshed_twice() { refreshed && refreshed; }
load_of() { # FILE [OPTION...]
	local config=$1
	shift
	in_ns fw "$AGFEOCTL" --pin "$(pin)" --run "$WORLD_DIR/run" -c "$config" load "$@"
}

# An empty file is sound, and would have the daemon export elsewhere, four times a minute.
follows_what_is_loaded() {
	local loaded=$WORLD_DIR/run/loaded.conf
	cp "$WORLD_DIR/agfeo.conf" "$WORLD_DIR/good.conf"
	: > "$WORLD_DIR/agfeo.conf"
	check 'another file is loaded' load_of "$WORLD_DIR/good.conf"
	check 'the daemon works by it' refreshed_twice
	check 'its text is kept' cmp "$WORLD_DIR/good.conf" "$loaded"
	check_equal 'for root alone' 600 "$(stat -c %a "$loaded")"
	sed "s/$PROM/other.prom/" "$WORLD_DIR/good.conf" > "$WORLD_DIR/other.conf"
	check 'one that may be taken back' load_of "$WORLD_DIR/other.conf" --confirm 4
	check 'is followed too' wait_for 4 test -s "$WORLD_DIR/textfile/other.prom"
	check 'until it is' wait_for 6 cmp "$WORLD_DIR/good.conf" "$loaded"
	check 'and then the one before' refreshed_twice
	rm "$loaded"
	mkdir "$loaded"
	check 'a text that cannot be kept is a warning' \
		eval "load_of '$WORLD_DIR/good.conf' 2>&1 | grep -q 'warning: .*loaded.conf: Is a directory'"
	rmdir "$loaded"
	cp "$WORLD_DIR/good.conf" "$WORLD_DIR/agfeo.conf"
	check 'the next load keeps it' box load
	check 'as it is' cmp "$WORLD_DIR/good.conf" "$loaded"
}

interface_returns() {
	ip -n "$WORLD-fw" link delete lan1
	check 'an interface that is gone is shown' \
		wait_for 3 same false eval "box status --json | jq '.interfaces[] | select(.interface == \"lan1\") | .present'"
	wire fw lan1 pbx eth0
	address fw lan1 192.168.10.1/24 fd00:10::1/64
	address pbx eth0 $PBX4/24 $PBX6/64
	route pbx 192.168.10.1 fd00:10::1
	check 'one that comes back is guarded again' wait_for 5 attached lan1
	check 'with its egress' wait_for 3 test -e "$(pin)/link/lan1-tc" -o -L "$(pin)/link/lan1-tc"
	check 'as status knows' \
		wait_for 3 same true eval "box status --json | jq '.interfaces[] | select(.interface == \"lan1\") | .present and .tc != \"none\"'"
	check_equal 'what the PBX may is passed' '443 ' "$(reaches $ATT4)"
	check_equal 'and what it may not is refused' '' "$(PATIENCE=1 knock pbx tcp $ATT4 444)"
	check_equal 'the policy was not touched' "$1" "$(generation)"
}

present() { box status --json | jq -r ".interfaces[] | select(.interface == \"$1\") | \"\(.role) \(.present)\""; }

# An interface that is not there yet: an error, unless it may come later.
interface_arrives() {
	cp "$WORLD_DIR/agfeo.conf" "$WORLD_DIR/before.conf"
	printf '[interface usb.7]\nrole = voice\n[interface ppp9]\nrole = uplink\noptional = yes\n' >> "$WORLD_DIR/agfeo.conf"
	check_not 'an interface that is missing is an error' box load
	sed -i 's/^\[interface usb.7\]/&\noptional = yes/' "$WORLD_DIR/agfeo.conf"
	check 'one that may come later is none' eval "box load > '$WORLD_DIR/log/load' 2>&1"
	check 'but a warning' grep -q 'warning: .*agfeo.conf:[0-9]*: interface usb.7 is not there' "$WORLD_DIR/log/load"
	check_equal 'status shows it' 'voice false' "$(present usb.7)"
	check_equal 'and the uplink' 'uplink false' "$(present ppp9)"
	check 'it may be missing again' box load
	ip -n "$WORLD-fw" link add usb.7 type veth peer name usb.peer
	check 'when it comes, it is guarded' wait_for 5 attached usb.7
	check 'as status shows' wait_for 5 same 'voice true' present usb.7
	check_equal 'the other one is still awaited' 'uplink false' "$(present ppp9)"
	check 'a load with it there' box load
	check 'guards it on' attached usb.7
	cp "$WORLD_DIR/before.conf" "$WORLD_DIR/agfeo.conf"
	check 'a load without both' box load
	check_equal 'awaits neither' '' "$(find "$(pin)/link" -name 'usb*' -o -name 'ppp*')"
	ip -n "$WORLD-fw" link delete usb.7
}

# ------------------------------------------------------------------ death

voice() {
	local counted
	spawn talk phone python3 "$TALKER" $PHONE4:65100 $PROV4:30000 9 lose=10
	check 'a stream is observed each interval' \
		wait_for 6 has_histogram 'agfeo_rtp_jitter_seconds_count{device="softphone",direction="out"}' 2
	stop run1 KILL
	counted=$(histogram 'agfeo_rtp_mos_count{device="softphone",direction="out"}')
	check_more 'its MOS too' 0 "$counted"
	check_equal 'a killed daemon is none' null "$(daemon pid)"
	check_equal 'the names it knew still lead somewhere' '443 ' "$(reaches $ATT4)"
	check_equal 'and what is refused stays refused' '' "$(PATIENCE=1 knock pbx tcp $ATT4 23)"
	: > "$(prom)"
	echo silent >> "$WORLD_DIR/names"
	echo 'modell = visofon' >> "$WORLD_DIR/agfeo.conf"
	daemon_up run2
	check 'the next one takes over, whatever is being written into the file' wait_for 3 test -s "$(prom)"
	check 'of which it tells' says run2 'warning: .*agfeo.conf cannot be used as it is'
	cp "$WORLD_DIR/before.conf" "$WORLD_DIR/agfeo.conf"
	check_more 'the histograms go on' $((counted - 1)) \
		"$(histogram 'agfeo_rtp_mos_count{device="softphone",direction="out"}')"
	check 'and count' wait_for 5 has_histogram 'agfeo_rtp_mos_count{device="softphone",direction="out"}' $((counted + 2))
	check_equal 'addresses outlive a resolver that is silent' 2 "$(cloud cloud4)"
	check_equal 'as do flows to them' '443 ' "$(reaches $ATT4)"
}

folder_missing() {
	local said
	mv "$WORLD_DIR/textfile" "$WORLD_DIR/elsewhere"
	check 'a folder that is missing is said' wait_for 4 says run2 'does not exist'
	sleep 2.2
	check_equal 'once' 1 "$(count_of run2 'does not exist')"
	said=$(daemon textfile_error)
	check 'status shows it' test "$said" != null
	mv "$WORLD_DIR/elsewhere" "$WORLD_DIR/textfile"
	check 'and when it is over' wait_for 4 says run2 'exported again'
}

end() {
	check 'unload under a daemon' box unload
	check_not 'leaves no text' test -e "$WORLD_DIR/run/loaded.conf"
	check 'is noticed' wait_for 4 says run2 'nothing is loaded'
	check 'and the next load too' box load
	touch "$WORLD_DIR/mark"
	check 'which is exported' wait_for 4 written_since "$WORLD_DIR/mark"
	check 'and knows the names' wait_for 4 same 2 cloud cloud4
	kill -TERM "$(pid_of run2)"
	check 'SIGTERM ends it without a fault' finish run2 5
	check 'nothing is let go' attached lan0
	check 'systemd is told' says notify STOPPING=1
	check_equal 'status says that none runs' null "$(daemon pid)"
}

test_begin run jq nc python3 socat bpftool
world_up
family 4
sed -i 's/^\[site\]$/&\nresolvers = 203.0.113.1/' "$WORLD_DIR/agfeo.conf"
spawn notify fw socat -u "UNIX-RECV:$WORLD_DIR/notify" STDOUT
check 'the name server answers' name_server
box load > "$WORLD_DIR/log/load" 2>&1
names
service
reload
follows_what_is_loaded
names_move
interface_returns "$(generation)"
interface_arrives
voice
folder_missing
end
test_end
