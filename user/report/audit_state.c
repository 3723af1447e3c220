/* SPDX-License-Identifier: GPL-2.0 */
/* Rules about this tool itself: configuration, what is loaded, the export, addresses of the site. */
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report/audit.h"
#include "report/table.h"

#define NS_PER_SECOND	1000000000ull
#define INTERVALS_STALE 3

static const char guard_why[] =
	SOURCE_FIREWALL ": the systems are to be „vom öffentlichen Datenverkehr … abgeblockt“; "
			"what is not loaded does not guard.";

/* ------------------------------------------------------------------ configuration */

static const char owner_why[] =
	"Who may write the configuration decides what reaches the telephone system.";

static void judge_config_owner(const struct audit_facts *facts, struct audit *audit)
{
	bool strangers = facts->config_mode & S_IWOTH;
	bool group = facts->config_mode & S_IWGRP && facts->config_group != 0;
	struct audit_finding *f;

	if (!strangers && !group && facts->config_owner == 0)
		return;
	f = audit_add(audit, "config-mode",
		      strangers || facts->config_owner ? AUDIT_FAULT : AUDIT_WARNING, owner_why);
	find_object(f, "%s", facts->config);
	if (facts->config_owner)
		find_text(f, "it belongs to user %u and not to root", facts->config_owner);
	else
		find_text(f, "its mode is %04o: %s may write it", facts->config_mode & 07777,
			  strangers ? "anybody" : "a group");
	find_mend(f, "chown root:root '%s' && chmod 0644 '%s'", facts->config, facts->config);
}

static void judge_config(const struct audit_facts *facts, struct audit *audit)
{
	struct audit_finding *f;

	if (facts->config_found)
		judge_config_owner(facts, audit);
	if (!*facts->config_error)
		return;
	f = audit_add(
		audit, "config", AUDIT_FAULT,
		"Without a configuration that holds, the next load is refused, and this audit "
		"knows neither devices nor interfaces: their checks were not made.");
	find_object(f, "%s", facts->config);
	find_text(f, "%s", facts->config_error);
	find_mend(f, "agfeoctl check -c '%s'   # tells every error", facts->config);
}

/* ------------------------------------------------------------------ what is loaded */

static void judge_changed(const struct audit_facts *facts, struct audit *audit)
{
	char changed[TIME_TEXT], loaded[TIME_TEXT];
	bool other = *facts->loaded_config && strcmp(facts->loaded_config, facts->config);
	struct audit_finding *f;

	if (!facts->loaded || !facts->config_found ||
	    (!other && facts->config_changed_ns <= facts->loaded_ns))
		return;
	f = audit_add(audit, "config-changed", AUDIT_WARNING,
		      "What is enforced is what was loaded, not what the file says now.");
	find_object(f, "%s", facts->config);
	if (other)
		find_text(f, "another file is loaded: %s", facts->loaded_config);
	else
		find_text(f, "changed %s, loaded %s",
			  time_format(facts->config_changed_ns, changed),
			  time_format(facts->loaded_ns, loaded));
	find_mend(f, "agfeoctl check && agfeoctl load --confirm 60 && agfeoctl confirm");
}

static void judge_loaded(const struct audit_facts *facts, struct audit *audit)
{
	struct audit_finding *f;

	if (facts->loaded)
		return;
	f = audit_add(audit, "not-loaded", AUDIT_FAULT, guard_why);
	find_object(f, "%s", facts->pin);
	find_text(f, "%s", *facts->load_error ? facts->load_error : "nothing is loaded");
	find_mend(f, "agfeoctl load   # and at every boot: systemctl enable --now agfeo");
}

static void judge_monitor(const struct audit_facts *facts, struct audit *audit)
{
	static const char why[] =
		"In monitor mode everything is judged and counted, and nothing is "
		"dropped or marked: meant for the first days only.";
	struct audit_finding *f;

	if (facts->monitor) {
		f = audit_add(audit, "monitor", AUDIT_WARNING, why);
		find_object(f, "[site]");
		find_text(f, "mode = monitor: nothing is enforced");
		find_mend(f, "# mode = enforce in [site] of %s, then agfeoctl load", facts->config);
	}
	for (size_t i = 0; i < facts->device_count && !facts->monitor; i++) {
		if (!facts->devices[i].monitor)
			continue;
		f = audit_add(audit, "monitor", AUDIT_WARNING, why);
		find_object(f, "device %s", facts->devices[i].name);
		find_text(f, "mode = monitor: nothing is enforced for it");
		find_mend(f, "# mode = enforce in [device %s] of %s, then agfeoctl load",
			  facts->devices[i].name, facts->config);
	}
}

static void judge_box(const struct audit_facts *facts, struct audit *audit)
{
	size_t present = 0, bridged = 0;
	struct audit_finding *f;

	if (facts->bpf_stats == 1) {
		f = audit_add(audit, "bpf-stats", AUDIT_NOTE,
			      "The kernel reads its clock twice for every run of every program: "
			      "meant for measuring only (kernel documentation, sysctl/kernel).");
		find_object(f, "kernel.bpf_stats_enabled");
		find_text(f, "statistics of BPF programs are on");
		find_mend(f, "sysctl -w kernel.bpf_stats_enabled=0");
	}
	for (size_t i = 0; i < facts->interface_count; i++) {
		present += facts->interfaces[i].present;
		bridged += facts->interfaces[i].in_bridge ||
			   !strcmp(facts->interfaces[i].kind, "bridge");
	}
	if (facts->forwarding4 != 0 || present < 2 || bridged == present)
		return;
	f = audit_add(
		audit, "forwarding", AUDIT_NOTE,
		"A box with telephones on one side and the provider on the other must forward "
		"between them (RFC 1812).");
	find_object(f, "net.ipv4.ip_forward");
	find_text(f, "IPv4 forwarding is off: nothing passes from one interface to another");
	find_mend(f, "sysctl -w net.ipv4.ip_forward=1   # and the same line in "
		     "/etc/sysctl.d/90-agfeo.conf");
}

/* ------------------------------------------------------------------ addresses */

static const char public_why[] =
	SOURCE_SAFETY ": „Die Einstellungs-Option ‚Nicht-private-IP-Adressen‘ zuzulassen sollte … "
		      "nicht aktiviert werden und kann … die Anmeldung und Nutzung von SIP-Geräten "
		      "unterbinden.“ Private addresses: RFC 1918, RFC 4193.";

/* RFC 1918, 3927, 1122, 6598, 4193, 4291; groups are nobody's address. */
static bool is_private(const struct prefix *prefix)
{
	static const char *const networks[] = {
		"10.0.0.0/8",
		"172.16.0.0/12",
		"192.168.0.0/16",
		"169.254.0.0/16",
		"127.0.0.0/8",
		"100.64.0.0/10",
		"fc00::/7",
		"fe80::/10",
		"::1",
		NULL,
	};
	struct prefix network;

	for (const char *const *text = networks; *text; text++)
		if (!prefix_parse(*text, &network) && network.length <= prefix->length &&
		    prefix_contains(&network, &prefix->address))
			return true;
	return false;
}

static void judge_address(struct audit *audit, const struct prefix *address, const char *whose,
			  const char *key, const char *config)
{
	bool four = address_is_v4(&address->address) && address->length >= 96;
	struct audit_finding *f;
	char text[PREFIX_TEXT];

	if (is_private(address))
		return;
	f = audit_add(audit, "public-address", four ? AUDIT_WARNING : AUDIT_NOTE, public_why);
	find_object(f, "%s", whose);
	find_text(f, "%s is public%s", prefix_format(address, text),
		  four ? "" : ": IPv6 has no NAT, only the firewall stands before it");
	find_mend(f, "# use private addresses (192.168.0.0/16, fd00::/8) in %s of %s", key, config);
}

static void judge_addresses(const struct audit_facts *facts, struct audit *audit)
{
	char whose[AGFEO_NAME_SIZE + 16];

	for (size_t i = 0; i < facts->network_count; i++)
		judge_address(audit, &facts->networks[i], "[site] networks", "networks",
			      facts->config);
	for (size_t i = 0; i < facts->device_count; i++) {
		const struct audit_device *device = &facts->devices[i];

		snprintf(whose, sizeof(whose), "device %s", device->name);
		for (size_t j = 0; j < device->address_count; j++)
			judge_address(audit, &device->addresses[j], whose, "address",
				      facts->config);
	}
}

static void judge_providers(const struct audit_facts *facts, struct audit *audit)
{
	static const char why[] =
		"AGFEO, 1.2: the system's reach from the internet „sollte … mittels z.B. "
		"IP-Adress-Whitelisting auf die VoIP-Server des Providers beschränkt werden!“";

	for (size_t i = 0; i < facts->device_count; i++) {
		struct audit_finding *f;

		if (!facts->devices[i].no_provider)
			continue;
		f = audit_add(audit, "no-provider", AUDIT_WARNING, why);
		find_object(f, "device %s", facts->devices[i].name);
		find_text(f, "it names no provider: its voice and SIP client ports are open to any "
			     "host");
		find_mend(
			f,
			"# provider = NAME in [device %s], and [provider NAME] with networks = …, "
			"in %s",
			facts->devices[i].name, facts->config);
	}
}

/* ------------------------------------------------------------------ the export */

static const char export_why[] =
	"Without fresh figures nobody sees one-way audio, loss or dropped devices before somebody "
	"complains (node_exporter, textfile collector: files *.prom of the named folder).";

static void judge_written(const struct audit_facts *facts, struct audit *audit)
{
	uint64_t age = facts->now_ns > facts->textfile_changed_ns
			       ? (facts->now_ns - facts->textfile_changed_ns) / NS_PER_SECOND
			       : 0;
	struct audit_finding *f;

	if (!facts->loaded ||
	    (facts->textfile_found && age <= INTERVALS_STALE * (uint64_t)facts->interval_seconds))
		return;
	/* Whoever has no such folder collects no metrics here. */
	if (!facts->textfile_found && !facts->textfile_folder && !facts->exporter_count)
		return;
	f = audit_add(audit, "textfile-stale", AUDIT_WARNING, export_why);
	find_object(f, "%s", facts->textfile);
	if (facts->textfile_found)
		find_text(f, "written %llu s ago; it is due every %u s", (unsigned long long)age,
			  facts->interval_seconds);
	else
		find_text(f, "it was never written; it is due every %u s", facts->interval_seconds);
	find_mend(f, "systemctl enable --now agfeo-run   # or: agfeoctl run");
}

static void judge_exporters(const struct audit_facts *facts, struct audit *audit)
{
	const struct audit_exporter *reader = NULL, *first = facts->exporters;
	struct audit_finding *f;
	char folder[512];

	if (!facts->exporter_count || !*facts->textfile)
		return;
	for (size_t i = 0; i < facts->exporter_count; i++)
		if (facts->exporters[i].reads_folder)
			reader = &facts->exporters[i];
	if (reader && (reader->may_read || !facts->textfile_found))
		return;
	snprintf(folder, sizeof(folder), "%s", facts->textfile);
	dirname(folder);
	f = audit_add(audit, "textfile-unread", AUDIT_WARNING, export_why);
	find_object(f, "node_exporter (process %u)", reader ? reader->pid : first->pid);
	if (reader) {
		find_text(f, "its user may not read %s", facts->textfile);
		find_mend(f, "chmod 0644 '%s'", facts->textfile);
		return;
	}
	find_text(f, "it reads %s and not %s", *first->folder ? first->folder : "no textfiles",
		  folder);
	find_mend(f,
		  "# --collector.textfile.directory=%s in its options (Debian: "
		  "/etc/default/prometheus-node-exporter), or [export] textfile = … in its folder",
		  folder);
}

static void judge_suffix(const struct audit_facts *facts, struct audit *audit)
{
	size_t length = strlen(facts->textfile);
	struct audit_finding *f;

	if (!length || (length > 5 && !strcmp(facts->textfile + length - 5, ".prom")))
		return;
	f = audit_add(audit, "textfile-unread", AUDIT_WARNING, export_why);
	find_object(f, "%s", facts->textfile);
	find_text(f, "node_exporter reads only files whose names end in .prom");
	find_mend(f, "# [export] textfile = %s.prom in %s", facts->textfile, facts->config);
}

void audit_state(const struct audit_facts *facts, struct audit *audit)
{
	judge_config(facts, audit);
	judge_loaded(facts, audit);
	judge_changed(facts, audit);
	judge_monitor(facts, audit);
	judge_box(facts, audit);
	judge_addresses(facts, audit);
	judge_providers(facts, audit);
	judge_written(facts, audit);
	judge_exporters(facts, audit);
	judge_suffix(facts, audit);
}
