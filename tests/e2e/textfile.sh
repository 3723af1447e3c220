#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# The export, as a real node_exporter serves it: well-formed by promtool, never half written, and
# with the figures of `stats`.

. "$(dirname "$0")/lib.sh"
. "$ROOT_DIR/tests/demo/peers.sh"

file_mode() { stat -c %a "$1"; }

# Written again and again while it is scraped: no scrape may find half a file.
scrape_while_writing() {
	local bad=0
	(for _ in $(seq 40); do box export --textfile "$WORLD_DIR/textfile/agfeo.prom" || echo failed; done) \
		> "$WORLD_DIR/log/exports" 2>&1 &
	local writer=$!
	for _ in $(seq 20); do
		scrape > "$WORLD_DIR/log/metrics" || bad=$((bad + 1))
		[ "$(metric node_textfile_scrape_error)" = 0 ] || bad=$((bad + 1))
		[ "$(metric agfeo_build_info)" = 1 ] || bad=$((bad + 1))
	done
	wait $writer
	check_equal '40 exports during 20 scrapes: each scrape whole' 0 $bad
	check_equal 'and each export done' '' "$(cat "$WORLD_DIR/log/exports")"
}

# With the call over, what Prometheus would store equals what the tool counts.
figures_agree() {
	box export --textfile "$WORLD_DIR/textfile/agfeo.prom"
	scrape > "$WORLD_DIR/log/metrics"
	check_more 'agfeo_packets_total counts' 500 "$(metric agfeo_packets_total)"
	check_equal 'agfeo_remarked_packets_total is that of stats' \
		"$(stats '[.devices[].services[].remarked] | add')" "$(metric agfeo_remarked_packets_total)"
	check_equal 'agfeo_drops_total is that of stats' \
		"$(stats '[.devices[].drops[]] | add')" "$(metric agfeo_drops_total)"
	check_more 'agfeo_drops_total has the telnet' 0 \
		"$(metric agfeo_drops_total 'device="pbx".*reason="not-listed"')"
	check_equal 'agfeo_config_generation is that of stats' "$(stats .generation)" \
		"$(metric agfeo_config_generation)"
	check_equal 'three interfaces are shown' 3 "$(metric agfeo_interface_info)"
}

test_begin textfile sipp baresip jq nc curl prometheus-node-exporter
world_up
family 4
speech 8
check 'the configuration loads' box load
check 'provider, PBX and phone register' peers_up
check 'the call is answered' call_up
knock pc tcp $PBX4 23 > "$WORLD_DIR/log/telnet"
sleep 3
check 'the call ends' call_down
check 'export' box export --textfile "$WORLD_DIR/textfile/agfeo.prom"
check_equal 'the file is readable for all' 644 "$(file_mode "$WORLD_DIR/textfile/agfeo.prom")"
check_equal 'export --json names the file' "$WORLD_DIR/textfile/agfeo.prom" \
	"$(box export --json --textfile "$WORLD_DIR/textfile/agfeo.prom" | jq -r .textfile)"
check_equal 'and without one quotes the metrics' "prometheus 1" \
	"$(box export --json | jq -r '"\(.format) \(.text | [scan("(?m)^agfeo_build_info")] | length)"')"
check_equal 'and alone: no temporary file is left' agfeo.prom "$(ls -A "$WORLD_DIR/textfile")"
check 'node_exporter starts' exporter_up
scrape_while_writing
figures_agree
if command -v promtool > /dev/null; then
	check 'promtool has no complaint' sh -c "promtool check metrics < '$WORLD_DIR/textfile/agfeo.prom'"
else
	skip "promtool check metrics: promtool is missing ('make deps' installs it)"
fi
test_end
