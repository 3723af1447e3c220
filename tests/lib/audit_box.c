/* SPDX-License-Identifier: GPL-2.0 */
/* A sound box; see audit_box.h. */
#include "lib/audit_box.h"

#include <sys/stat.h>

#include "check.h"

struct prefix prefix_of(const char *text)
{
	struct prefix prefix = {};

	CHECK_EQ(prefix_parse(text, &prefix), 0);
	return prefix;
}

static struct audit_interface interface_of(const char *name, enum agfeo_role role)
{
	struct audit_interface interface = {
		.role = role, .present = true, .xdp = "native", .mtu = 1500};

	snprintf(interface.name, sizeof(interface.name), "%s", name);
	return interface;
}

void set_qdisc(struct box *box, size_t at, const char *kind, bool root)
{
	struct audit_qdisc *qdisc = &box->interfaces[2].qdiscs[at];

	snprintf(qdisc->kind, sizeof(qdisc->kind), "%s", kind);
	qdisc->root = root;
	box->interfaces[2].qdisc_count = at + 1;
}

void sound_box(struct box *box)
{
	*box = (struct box){
		.networks = {prefix_of("192.168.10.0/24"), prefix_of("fd00:10::/64")},
		.pbx = {prefix_of("192.168.10.2"), prefix_of("fd00:10::2")},
		.phone = {prefix_of("192.168.10.64/27")},
	};
	box->devices[0] = (struct audit_device){
		.name = "pbx", .pbx = true, .addresses = box->pbx, .address_count = 2};
	box->devices[1] = (struct audit_device){
		.name = "phones", .addresses = box->phone, .address_count = 1};
	box->interfaces[0] = interface_of("lan0", AGFEO_ROLE_VOICE);
	box->interfaces[1] = interface_of("lan1", AGFEO_ROLE_VOICE);
	box->interfaces[2] = interface_of("wan0", AGFEO_ROLE_UPLINK);
	set_qdisc(box, 0, "fq_codel", true);
	box->exporters[0] = (struct audit_exporter){
		.pid = 7, .reads_folder = true, .may_read = true, .folder = "/var/lib/x"};
	box->facts = (struct audit_facts){
		.config = "/etc/agfeo/agfeo.conf",
		.config_found = true,
		.config_mode = S_IFREG | 0644,
		.config_changed_ns = NOW - 900 * SECOND,
		.networks = box->networks,
		.network_count = 2,
		.devices = box->devices,
		.device_count = 2,
		.interfaces = box->interfaces,
		.interface_count = 3,
		.pin = "/sys/fs/bpf/agfeo",
		.loaded = true,
		.loaded_ns = NOW - 800 * SECOND,
		.loaded_config = "/etc/agfeo/agfeo.conf",
		.sip_built_in = true,
		.auto_helper = FACT_UNKNOWN,
		.udp_timeout = 30,
		.udp_timeout_stream = 300,
		.tcp_timeout = 432000,
		.forwarding4 = 1,
		.textfile = "/var/lib/x/agfeo.prom",
		.interval_seconds = 15,
		.textfile_found = true,
		.textfile_folder = true,
		.textfile_changed_ns = NOW - 20 * SECOND,
		.exporters = box->exporters,
		.exporter_count = 1,
		.now_ns = NOW,
	};
}

void expect(const struct box *box, const char *row, const char *id, enum audit_severity severity,
	    const char *object)
{
	struct audit audit = {};

	CHECK_ROW(row);
	CHECK_EQ(audit_judge(&box->facts, &audit), 0);
	CHECK_EQ(audit.count, id ? 1 : 0);
	for (size_t i = 0; i < audit.count; i++) {
		const struct audit_finding *found = &audit.findings[i];

		CHECK_STR(found->id, id ? id : "");
		CHECK_EQ(found->severity, severity);
		CHECK_STR(found->object, object ? object : "");
		CHECK(*found->finding && found->why && *found->why && *found->mend);
	}
	CHECK_EQ(audit_faults(&audit), id && severity == AUDIT_FAULT);
	audit_free(&audit);
	CHECK_ROW(NULL);
}
