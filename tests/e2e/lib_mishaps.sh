# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2086,SC2034,SC2154,SC2015 # words without blanks; names of lib.sh and of who sources this
#
# What is loaded while something goes wrong, and that it is unharmed. lib.sh, lib_load.sh and
# lib_calls.sh come first.

# What is there at the start of most tests, and what the loads here would change.
here() {
	site 'lan0:voice:native lan1:voice wan0:uplink'
	devices pbx phone
}
other() {
	site 'lan0:voice:generic lan1:uplink'
	devices pbx other
}

# Between the tests this is loaded: a load in place takes a moment, a first one that of the verifier.
loaded() {
	here
	box load > "$WORLD_DIR/log/said" 2>&1 || not_ok "load: $(cat "$WORLD_DIR/log/said")"
	before=$(state)
}

tool() { in_ns fw "$@" --pin "$(pin)" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf"; }

# What no failed load may change: ids of links and programs it may.
lasting() { grep -v '^\[\|^[0-9]*$'; }

# The state, its generation left out, must be what it was when `before` was taken.
unharmed() {
	check_equal "$1: what ran runs" '' "$(diff <(lasting <<< "$before") <(state | lasting) | head -n 5)"
	check_equal "$1: natively" native "$(xdp_mode lan0)"
}

in_the_end() {
	check 'unload' box unload
	nothing_left 'in the end'
}

# run_each TEST...: in this order, since what one leaves loaded the next goes on with. ONLY="TEST..."
# for some of them.
run_each() {
	local test begun
	for test in ${ONLY:-$*}; do
		begun=$(date +%s)
		$test
		note "$test: $(($(date +%s) - begun)) s"
	done
}
