#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2016,SC2086,SC2153,SC2034 # what is sourced, $ of Grafana, words without blanks
# The Grafana dashboard and the alert rules, at work: a real Prometheus scrapes a real node_exporter,
# which reads what the daemon writes of a real call. Every query of the dashboard is asked, as Grafana
# would ask it, and returns data. What happens on the box meanwhile, so that it must: a call between
# VISOfon, PBX and provider, none of which mark; a stream of which a twentieth is lost and that nobody
# answers (one-way); a telnet to the PBX (drops); a reload with a fault (an alert).

. "$(dirname "$0")/lib.sh"
. "$ROOT_DIR/tests/demo/peers.sh"

DASHBOARD=$ROOT_DIR/user/monitoring/agfeo.dashboard.json
TALKER=$ROOT_DIR/tests/voice/talker.py
INSTANCE=127.0.0.1:9100

prometheus_up() {
	cp "$ROOT_DIR/user/monitoring/agfeo.rules.yml" "$WORLD_DIR/agfeo.rules.yml"
	cat > "$WORLD_DIR/prometheus.yml" <<-CONF
		global: { scrape_interval: 1s, evaluation_interval: 1s }
		rule_files: [agfeo.rules.yml]
		scrape_configs:
		  - job_name: node
		    static_configs: [{ targets: ['$INSTANCE'] }]
	CONF
	spawn prometheus fw prometheus --config.file="$WORLD_DIR/prometheus.yml" \
		--storage.tsdb.path="$WORLD_DIR/tsdb" --web.listen-address=127.0.0.1:9090 --log.level=warn
	wait_for 30 ask_api query 'up == 1'
}

# api WHAT PARAMETER...: an answer of Prometheus' HTTP interface.
api() {
	local what=$1
	shift
	in_ns fw curl -sS "http://127.0.0.1:9090/api/v1/$what" "$@"
}

# ask_api KIND EXPRESSION: fails unless there is a figure among the answers; 0/0 is none.
ask_api() {
	api "$1" --data-urlencode "query=$2" |
		jq -e '.status == "success" and ([.data.result[].value[1] | select(. != "NaN")] | length > 0)'
}

# What Grafana makes of a query: one box, its dots escaped, and all devices chosen.
as_grafana() {
	printf '%s\n' "$1" | sed 's/$__rate_interval/30s/g; s/$device/.*/g; s/$instance/127\\\\.0\\\\.0\\\\.1:9100/g'
}

# number EXPRESSION: its first figure.
number() { api query --data-urlencode "query=$1" | jq -r '.data.result[0].value[1]'; }
# holds EXPRESSION: Prometheus finds a series for which it is so.
holds() { ask_api query "$1"; }

queries() { jq -r '.panels[] | .title as $title | .targets[]? | "\($title) \(.refId)|\(.expr)"' "$DASHBOARD"; }
variables() { jq -r '.templating.list[].definition // empty' "$DASHBOARD"; }

# A variable of the dashboard: label_values(SELECTOR, LABEL).
offers() { # DEFINITION WANTED
	local selector=${1#label_values(} label
	label=${selector##*, }
	selector=$(as_grafana "${selector%, *}")
	api "label/${label%)}/values" -G --data-urlencode "match[]=$selector" |
		jq -e --arg wanted "$2" '.data | index($wanted)'
}

what_happens() {
	spawn talk pbx python3 "$TALKER" $PBX4:5220 $PROV4:30020 60 lose=20
	knock pc tcp $PBX4 23 > "$WORLD_DIR/log/telnet"
	cp "$WORLD_DIR/agfeo.conf" "$WORLD_DIR/good.conf"
	echo 'modell = visofon' >> "$WORLD_DIR/agfeo.conf"
	kill -HUP "$(pid_of run)"
	check 'a reload with a fault fails' wait_for 20 says run 'reload failed'
}

every_query() {
	local name expression count=0
	while IFS='|' read -r name expression; do
		check "$name has data" wait_for 15 ask_api query "$(as_grafana "$expression")"
		count=$((count + 1))
	done < <(queries)
	check_more 'queries of the dashboard' 25 $count
	check 'the box can be chosen' offers "$(variables | sed -n 1p)" "$INSTANCE"
	check 'a device can be chosen' offers "$(variables | sed -n 2p)" pbx
}

figures() {
	local voice='agfeo_voice_packets_total{device="softphone",direction="out"'
	check 'the softphone sends unmarked' holds "increase($voice,stage=\"arrived\",dscp=\"cs0\"}[30s]) > 0"
	check 'and its voice leaves as EF' holds "increase($voice,stage=\"left\",dscp=\"ef\"}[30s]) > 0"
	check_equal 'all of it' 0 "$(number "$voice,stage=\"left\",dscp=\"cs0\"}")"
	check 'its MOS is that of G.711' holds \
		'agfeo_rtp_mos_sum{device="softphone"} / agfeo_rtp_mos_count{device="softphone"} > 4.2'
	check 'a twentieth of the other stream is lost' wait_for 20 holds \
		'agfeo_rtp_lost_packets_total{device="pbx",direction="out"} > 5'
	check 'it is one-way' wait_for 20 holds 'agfeo_calls_one_way == 1'
	check 'the telnet was refused' holds 'agfeo_drops_total{device="pbx",reason="not-listed"} > 0'
	check 'the daemon runs' holds 'agfeo_daemon_up == 1'
	check 'and says that its reload failed' holds 'agfeo_config_last_reload_successful == 0'
}

# alert NAME: as it is rendered while it fires.
alert() { api alerts | jq -e --arg name "$1" '.data.alerts[] | select(.labels.alertname == $name)'; }

alerts() {
	check 'Prometheus has no complaint of the rules' sh -c \
		"ip netns exec $WORLD-fw curl -sS http://127.0.0.1:9090/api/v1/rules |
		jq -e '[.data.groups[].rules[] | select(.health != \"ok\")] == [] and (.data.groups | length) == 3'"
	check 'the reload fires its alert' wait_for 20 holds 'ALERTS{alertname="AgfeoReloadFailed",alertstate="firing"}'
	check_equal 'with words for the installer' \
		"Die Konfiguration von $INSTANCE konnte nicht geladen werden" \
		"$(alert AgfeoReloadFailed | jq -r .annotations.summary_de)"
	check 'one-way audio is about to' wait_for 20 holds 'ALERTS{alertname="AgfeoOneWayAudio"}'
	cp "$WORLD_DIR/good.conf" "$WORLD_DIR/agfeo.conf"
	check 'the fault is mended and loaded by hand' box load
	check 'then its alert ends' wait_for 20 holds 'absent(ALERTS{alertname="AgfeoReloadFailed"})'
	stop run
	check 'written without a daemon' box export --textfile "$WORLD_DIR/textfile/agfeo.prom"
	check 'the file says so' wait_for 20 holds 'agfeo_daemon_up == 0'
	rm "$WORLD_DIR/textfile/agfeo.prom"
	check 'without the file there is nothing' wait_for 20 holds 'absent(agfeo_build_info)'
}

test_begin dashboard sipp baresip jq nc curl python3 prometheus prometheus-node-exporter
world_up
family 4
speech 40
check 'the configuration loads' box load
spawn run fw "$AGFEOCTL" --pin "$WORLD_DIR/bpf/agfeo" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" run
check 'the daemon writes' wait_for 20 test -s "$WORLD_DIR/textfile/agfeo.prom"
check 'node_exporter starts' exporter_up
check 'Prometheus scrapes it' prometheus_up
check 'provider, PBX and phone register' peers_up
check 'the call is answered' call_up
what_happens
every_query
figures
alerts
test_end
