# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2086,SC2034,SC2153 # words without blanks; names of lib.sh
#
# Who lives in the company of tests/e2e/lib.sh: the phone is baresip (the engine of AGFEO's own
# softphone VISOfon, which does not mark its packets), PBX and provider are SIPp. All of them speak
# real SIP and send real speech; nobody sets a DSCP.

DEMO_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# Which family's addresses the peers use.
family() {
	FAMILY=$1
	if [ "$1" = 4 ]; then
		PHONE=$PHONE4 PBX=$PBX4 PROV=$PROV4 ATT=$ATT4 PC=$PC4 PBX_PUBLIC=$PUBLIC4
		PBX_URI=$PBX4
	else
		PHONE=$PHONE6 PBX=$PBX6 PROV=$PROV6 ATT=$ATT6 PC=$PC6 PBX_PUBLIC=$PBX6
		PBX_URI=[$PBX6]
	fi
}

# speech SECONDS: what PBX and provider have to say, each with a source identifier of its own: the
# recording that comes with SIPp, repeated with running numbers. SIPp wants it beside the scenario.
speech() {
	local who ssrc=0
	mkdir -p "$WORLD_DIR/sipp"
	cp "$SIPP_DIR"/*.xml "$WORLD_DIR/sipp"
	for who in pbx_server pbx_client provider; do
		ssrc=$((ssrc + 1))
		tcpdump -n -t -x -r /usr/share/sip-tester/g711a.pcap 2> /dev/null |
			awk -v seconds="$1" -v ssrc="5e00000$ssrc" -f "$DEMO_DIR/speech.awk" |
			unhex > "$WORLD_DIR/sipp/$who.pcap"
	done
}

unhex() {
	local bytes
	# shellcheck disable=SC2059
	sed 's/../\\x&/g' | while read -r bytes; do printf "$bytes"; done
}

# sipp_as NAME NS SCENARIO ADDRESS PORT RTP MEDIA_AT ARGUMENT...
sipp_as() {
	local name=$1 ns=$2 scenario=$3 address=$4 port=$5 rtp=$6 media_at=$7
	shift 7
	spawn "$name" "$ns" sipp -sf "$WORLD_DIR/sipp/$scenario" -i "$address" -p "$port" \
		-mi "$address" -mp "$rtp" -key media_net "IP$FAMILY" -key media_at "$media_at" \
		-nostdin -skip_rlimit -deadcall_wait 0 -trace_err -error_file "$WORLD_DIR/log/$name.err" \
		-trace_msg -message_file "$WORLD_DIR/log/$name.sip" "$@"
}

provider_up() {
	sipp_as provider prov provider.xml "$PROV" 5060 $PROV_RTP "$PROV" -key expires 3600
	wait_for 5 listens_udp prov 5060
}

# The PBX registers from its SIP client port; true when the provider accepted.
pbx_register() {
	sipp_as pbx-register pbx pbx_register.xml "$PBX" $PBX_CLIENT 6000 "$PBX_PUBLIC" -m 1 \
		-timeout 10 -timeout_error "$(host_port "$PROV" 5060)"
	finish pbx-register 12
}

host_port() {
	case $1 in
	*:*) echo "[$1]:$2" ;;
	*) echo "$1:$2" ;;
	esac
}

# The outer half first: it listens for the inner half's orders.
pbx_up() {
	sipp_as pbx-client pbx pbx_client.xml "$PBX" $PBX_CLIENT $PBX_RTP_OUTSIDE "$PBX_PUBLIC" \
		-s 4952198990 -3pcc 127.0.0.1:7001 "$(host_port "$PROV" 5060)"
	wait_for 5 listens_tcp pbx 7001 || return 1
	sipp_as pbx-server pbx pbx_server.xml "$PBX" $PBX_SERVER $PBX_RTP_INSIDE "$PBX" \
		-key expires "${PHONE_EXPIRES:-600}" -3pcc 127.0.0.1:7001
	wait_for 5 listens_udp pbx $PBX_SERVER
}

phone_up() {
	local dir=$WORLD_DIR/phone
	cat > "$dir/config" <<-CONF
		poll_method epoll
		sip_listen $(host_port "$PHONE" $PHONE_SIP)
		audio_player aufile,$dir/heard.wav
		audio_source ausine,440
		audio_alert aufile,$dir/alert.wav
		ausrc_srate 48000
		ausrc_channels 2
		rtp_tos 0
		rtp_ports $PHONE_RTP
		statmode_default off
		cons_listen 127.0.0.1:5555
		module_path $(baresip_modules)
		module g711.so
		$(baresip_has auresamp)
		module ausine.so
		module aufile.so
		module cons.so
		module_app account.so
		module_app menu.so
	CONF
	cat > "$dir/accounts" <<-CONF
		<sip:20@$PBX_URI>;auth_user=20;auth_pass=geheim;regint=${PHONE_EXPIRES:-600};audio_codecs=PCMA;rtcp_mux=no
	CONF
	: > "$dir/contacts"
	spawn phone phone baresip -f "$dir"
}

baresip_modules() {
	local dir
	for dir in /usr/lib/baresip/modules /usr/lib/*/baresip/modules; do
		[ -d "$dir" ] && echo "$dir" && return
	done
}

# Newer releases have the resampler in a module of its own.
baresip_has() {
	[ ! -e "$(baresip_modules)/$1.so" ] || echo "module $1.so"
}

phone_registered() { says phone '200 OK'; }

# What a user would type into the softphone.
phone_says() { in_ns phone bash -c "printf '%s\n' '$*' > /dev/udp/127.0.0.1/5555"; }

phone_dials() { phone_says "/dial sip:$1@$PBX_URI"; }
phone_talks() { says phone 'Call established'; }
phone_hangs_up() { phone_says /hangup; }

# Everybody at their places, registered, and a call from the phone to the world outside.
peers_up() {
	provider_up && pbx_register && pbx_up && phone_up && wait_for 8 phone_registered
}

call_up() {
	phone_dials 04952198990 && wait_for 8 phone_talks
}

call_down() {
	phone_hangs_up
	wait_for 5 says phone 'terminated'
	sleep 0.3
}

# The provider calls the registered PBX; both ends hang up after three seconds of speech. The PBX
# answers on the port that it registered from, as its registration alone keeps the way in open.
call_comes_in() {
	stop pbx-client
	stop provider
	sipp_as pbx-answer pbx pbx_answer.xml "$PBX" $PBX_CLIENT $PBX_RTP_SECOND "$PBX_PUBLIC" \
		-m 1 -timeout 15 -timeout_error
	wait_for 5 listens_udp pbx $PBX_CLIENT || return 1
	sipp_as provider-call prov provider_call.xml "$PROV" 5060 $PROV_RTP "$PROV" \
		-m 1 -timeout 15 -timeout_error "$(host_port "$PBX_PUBLIC" $PBX_CLIENT)"
	finish provider-call 20 && finish pbx-answer 5
}

# voice_legs: prints "NAME|SENDER|FILTER|RECEIVER|FILTER" of each stream of a call that went out, for
# captures named phone, pbx and prov.
voice_legs() {
	local inside=$PBX_RTP_INSIDE outside=$PBX_RTP_OUTSIDE
	echo "phone > PBX|phone|$(rtp $PHONE any $PBX $inside)|pbx|$(rtp $PHONE any $PBX $inside)"
	echo "PBX > phone|pbx|$(rtp $PBX $inside $PHONE any)|phone|$(rtp $PBX $inside $PHONE any)"
	provider_legs $outside
}

provider_legs() {
	echo "PBX > provider|pbx|$(rtp $PBX $1 $PROV $PROV_RTP)|prov|$(rtp $PBX_PUBLIC $1 $PROV $PROV_RTP)"
	echo "provider > PBX|prov|$(rtp $PROV $PROV_RTP $PBX_PUBLIC $1)|pbx|$(rtp $PROV $PROV_RTP $PBX $1)"
}

# ------------------------------------------------------------------ who means no good

# SIPVicious keeps sessions in the home folder, and its programs have two names.
vicious() {
	local program=$1 ns=$2
	shift 2
	command -v "$program" > /dev/null || program=sipvicious_$program
	HOME=$WORLD_DIR in_ns "$ns" timeout 30 "$program" "$@" 2>&1
}

have_vicious() { command -v svmap > /dev/null || command -v sipvicious_svmap > /dev/null; }

# knock NS PROTOCOL ADDRESS PORT...: tries them all at once; prints the ports that answered, be it
# with a refusal, within PATIENCE seconds. UDP cannot be asked so: count its packets at the far end.
knock() {
	local ns=$1 protocol=$2 address=$3 port jobs=''
	shift 3
	for port in "$@"; do
		knock_one "$ns" "$protocol" "$address" "$port" &
		jobs="$jobs $!"
	done
	# shellcheck disable=SC2086
	wait $jobs
}

knock_one() {
	local said
	if [ "$2" = udp ]; then
		in_ns "$1" bash -c "echo knock > '/dev/udp/$3/$4'" 2> /dev/null
		return
	fi
	said=$(in_ns "$1" nc -nvz -w "${PATIENCE:-1}" "$3" "$4" 2>&1)
	case $said in
	*succeeded* | *open* | *refused*) printf '%s ' "$4" ;;
	esac
}

# ------------------------------------------------------------------ who watches

# A real node_exporter on the box, reading the textfile that agfeoctl writes.
exporter_up() {
	spawn exporter fw prometheus-node-exporter --collector.disable-defaults --collector.textfile \
		"--collector.textfile.directory=$WORLD_DIR/textfile" --web.listen-address=127.0.0.1:9100
	wait_for 10 listens_tcp fw 9100
}

scrape() { in_ns fw curl -sf http://127.0.0.1:9100/metrics; }

# metric NAME [LABELS]: the sum of its series whose labels match, in log/metrics.
metric() {
	awk -v name="$1" -v labels="${2:-}" '
		index($0, name "{") == 1 || index($0, name " ") == 1 {
			if (labels == "" || $0 ~ labels) { sum += $NF; found = 1 }
		}
		END { if (found) printf "%.0f\n", sum }' "$WORLD_DIR/log/metrics"
}
