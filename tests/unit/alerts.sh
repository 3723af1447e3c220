#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The alert rules, by Prometheus' own tool: they are sound, each fires where its rows say so and stays
# silent where they say so, no alert lacks either kind of row, and each has its words in English and
# German. Needs promtool.
set -u
cd "$(dirname "$0")/../.." || exit 1

RULES=user/monitoring/agfeo.rules.yml
ROWS=tests/unit/alerts
. tests/unit/lib.sh
unit_begin alerts promtool

# "ALERT fires" and "ALERT silent" of each row.
rows() {
	awk '$2 == "alertname:" { alert = $3 }
		$1 == "exp_alerts:" { print alert, $2 == "[]" ? "silent" : "fires" }' "$ROWS"/*.yml
}

# The keys that an alert has, one a line.
keys_of() { # ALERT
	awk -v alert="$1" '$1 == "-" && $2 == "alert:" { inside = $3 == alert }
		inside && $1 ~ /:$/ { print $1 }' "$RULES"
}

has_all() { # ALERT
	for key in severity: summary: description: summary_de: description_de:; do
		keys_of "$1" | grep -qx "$key" || { echo "$1 has no $key"; return 1; }
	done
}

cp "$RULES" "$ROWS"/*.yml "$folder"
check "$RULES" promtool check rules "$RULES"
for file in "$ROWS"/*.yml; do
	check "$file" promtool test rules "$folder/$(basename "$file")"
done
rows > "$folder/rows"
alerts=$(sed -nE 's/^ *- alert: //p' "$RULES")
check 'alerts were found' test -n "$alerts"
for alert in $alerts; do
	check "$alert has a row where it fires" grep -qx "$alert fires" "$folder/rows"
	check "$alert has a row where it is silent" grep -qx "$alert silent" "$folder/rows"
	check "$alert has its words" has_all "$alert"
done

unit_end
