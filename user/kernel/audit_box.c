/* SPDX-License-Identifier: GPL-2.0 */
/* Configuration, what is loaded, sysctls, modules and rulesets; see audit.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/printable.h"
#include "config/config.h"
#include "kernel/audit.h"
#include "kernel/collect.h"
#include "kernel/output.h"
#include "policy/policy.h"

#define TICK_NS 64000000ull /* any: nothing is written into the kernel */

static uint64_t ns_of(const struct timespec *time)
{
	return (uint64_t)time->tv_sec * 1000000000ull + (uint64_t)time->tv_nsec;
}

/* ------------------------------------------------------------------ configuration */

static bool has_voice_to_provider(const struct model *model)
{
	for (const struct service *const *service = model->services; *service; service++)
		if ((*service)->scope == SCOPE_PROVIDER && !(*service)->optional)
			return true;
	return false;
}

static int take_devices(struct audit_facts *facts, const struct site *site)
{
	facts->devices = calloc(site->device_count + 1, sizeof(*facts->devices));
	if (!facts->devices)
		return -ENOMEM;
	for (size_t i = 0; i < site->device_count; i++) {
		const struct device *device = &site->devices[i];
		struct audit_device *row = &facts->devices[facts->device_count++];

		memcpy(row->name, device->name, sizeof(row->name));
		row->pbx = device->model->kind == KIND_PBX || device->model->kind == KIND_MODULE;
		row->no_provider = !device->provider_count && has_voice_to_provider(device->model);
		row->monitor = device->monitor;
		row->addresses = device->addresses;
		row->address_count = device->address_count;
	}
	return 0;
}

static int take_interfaces(struct audit_facts *facts, const struct site *site)
{
	facts->interfaces = calloc(site->interface_count + 1, sizeof(*facts->interfaces));
	if (!facts->interfaces)
		return -ENOMEM;
	for (size_t i = 0; i < site->interface_count; i++) {
		struct audit_interface *row = &facts->interfaces[facts->interface_count++];

		memcpy(row->name, site->interfaces[i].name, sizeof(row->name));
		row->role = site->interfaces[i].role;
		row->wants_generic = site->interfaces[i].xdp == XDP_GENERIC;
		strcpy(row->xdp, "none");
	}
	return 0;
}

static int take_site(struct audit_facts *facts, const struct site *site)
{
	int err = take_devices(facts, site);

	facts->monitor = site->monitor;
	facts->networks = site->networks;
	facts->network_count = site->network_count;
	facts->textfile = site->textfile;
	facts->interval_seconds = site->interval_seconds;
	return err ? err : take_interfaces(facts, site);
}

/* 0: it holds; else the errors are in *ret_errors. */
static int read_site(const char *path, struct site **ret_site, char **ret_errors)
{
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(site_freep) struct site *site = NULL;
	size_t size;
	FILE *errors = open_memstream(ret_errors, &size);
	int err;

	if (!errors)
		return -ENOMEM;
	err = config_read(path, errors, &site);
	if (!err)
		err = policy_compile(site, path, TICK_NS, errors, &policy);
	fclose(errors);
	if (!err)
		*ret_site = take_ptr(site);
	return err;
}

int audit_read_config(struct audit_box *box)
{
	struct audit_facts *facts = &box->facts;
	_cleanup_(freep) char *errors = NULL;
	struct stat status;

	if (!stat(facts->config, &status)) {
		facts->config_found = true;
		facts->config_mode = status.st_mode;
		facts->config_owner = status.st_uid;
		facts->config_group = status.st_gid;
		facts->config_changed_ns = ns_of(&status.st_mtim);
	}
	if (!read_site(facts->config, &box->site, &errors))
		return take_site(facts, box->site);
	if (!errors)
		return -ENOMEM;
	printable_copy(facts->config_error, sizeof(facts->config_error), errors,
		       strcspn(errors, "\n"));
	if (!*facts->config_error)
		strcpy(facts->config_error, "it cannot be read");
	return 0;
}

/* ------------------------------------------------------------------ what is loaded */

static void take_modes(struct audit_facts *facts, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < facts->interface_count; i++)
		for (size_t j = 0; j < snapshot->interface_count; j++)
			if (!strcmp(facts->interfaces[i].name, snapshot->interfaces[j].name))
				memcpy(facts->interfaces[i].xdp, snapshot->interfaces[j].xdp,
				       sizeof(facts->interfaces[i].xdp));
}

/* What the collector would say on standard error is a finding here. */
static int collect_quietly(const char *pin, char *said, size_t size, struct snapshot **ret_snapshot)
{
	_cleanup_(freep) char *text = NULL;
	const char *prefix = "agfeoctl: ";
	size_t length;
	FILE *stream = open_memstream(&text, &length), *before;
	int err;

	if (!stream)
		return -ENOMEM;
	before = log_redirect(stream);
	err = collect(pin, COLLECT_LINKS, ret_snapshot);
	log_redirect(before);
	fclose(stream);
	if (text && !strncmp(text, prefix, strlen(prefix)))
		printable_copy(said, size, text + strlen(prefix),
			       strcspn(text + strlen(prefix), "\n"));
	return err;
}

void audit_read_loaded(struct audit_facts *facts)
{
	_cleanup_(snapshot_freep) struct snapshot *snapshot = NULL;
	char own[PATH_MAX], loaded[PATH_MAX];

	if (collect_quietly(facts->pin, facts->load_error, sizeof(facts->load_error), &snapshot))
		return;
	if (!snapshot->control.generation) {
		strcpy(facts->load_error, "a load did not finish: nothing is enforced");
		return;
	}
	facts->loaded = true;
	facts->loaded_ns = snapshot->meta.loaded_ns;
	snprintf(facts->loaded_config, sizeof(facts->loaded_config), "%s", snapshot->meta.config);
	/* One file may have several names. */
	if (realpath(facts->config, own) && realpath(facts->loaded_config, loaded) &&
	    !strcmp(own, loaded))
		snprintf(facts->loaded_config, sizeof(facts->loaded_config), "%s", facts->config);
	take_modes(facts, snapshot);
}

/* ------------------------------------------------------------------ sysctls and modules */

static int64_t read_number(const char *path)
{
	_cleanup_(fclosep) FILE *file = fopen(path, "re");
	long long number;

	return file && fscanf(file, "%lld", &number) == 1 ? number : FACT_UNKNOWN;
}

static bool is_loaded_module(const char *name)
{
	_cleanup_(fclosep) FILE *file = fopen("/proc/modules", "re");
	size_t length = strlen(name);
	char line[512];

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, length) && line[length] == ' ')
			return true;
	return false;
}

void audit_read_sysctls(struct audit_facts *facts)
{
	facts->auto_helper = read_number("/proc/sys/net/netfilter/nf_conntrack_helper");
	facts->udp_timeout = read_number("/proc/sys/net/netfilter/nf_conntrack_udp_timeout");
	facts->udp_timeout_stream =
		read_number("/proc/sys/net/netfilter/nf_conntrack_udp_timeout_stream");
	facts->tcp_timeout =
		read_number("/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established");
	facts->forwarding4 = read_number("/proc/sys/net/ipv4/ip_forward");
	facts->bpf_stats = read_number("/proc/sys/kernel/bpf_stats_enabled");
	facts->sip_module = is_loaded_module("nf_conntrack_sip");
	facts->sip_built_in = !facts->sip_module && !access("/sys/module/nf_conntrack_sip", F_OK);
}

/* ------------------------------------------------------------------ rulesets */

static void complain(struct audit_facts *facts, const char *program, int err, const char *said)
{
	size_t at = strlen(facts->ruleset_errors);

	snprintf(facts->ruleset_errors + at, sizeof(facts->ruleset_errors) - at, "%s%s: %s",
		 at ? "; " : "", program, *said ? said : strerror(-err));
}

static int read_nft(struct audit_facts *facts, bool *ret_there)
{
	static const char *const argv[] = {"nft", "-j", "list", "ruleset", NULL};
	_cleanup_(freep) char *text = NULL;
	char said[200];
	size_t size;
	int err = output_of(argv, &text, &size, said, sizeof(said));

	*ret_there = err != -ENOENT;
	if (!err && size)
		err = ruleset_read_nft(text, size, &facts->ruleset);
	if (err && *ret_there)
		complain(facts, "nft -j list ruleset", err, said);
	return err == -ENOMEM ? err : 0;
}

/* command: the program is COMMAND-save. */
static int read_iptables(struct audit_facts *facts, const char *command, bool *ret_there)
{
	char program[64], said[200];
	const char *argv[] = {program, NULL};
	_cleanup_(freep) char *text = NULL;
	size_t size;
	int err;

	snprintf(program, sizeof(program), "%s-save", command);
	err = output_of(argv, &text, &size, said, sizeof(said));
	*ret_there |= err != -ENOENT;
	if (!err)
		err = ruleset_read_iptables(command, text, size, &facts->ruleset);
	if (err && err != -ENOENT)
		complain(facts, program, err, said);
	return err == -ENOMEM ? err : 0;
}

/* The names of both back ends, since a box may hold rules of both at once. */
int audit_read_filters(struct audit_facts *facts)
{
	static const char *const commands[] = {"iptables-nft", "ip6tables-nft", "iptables-legacy",
					       "ip6tables-legacy"};
	bool there, any_iptables = false;
	int err = read_nft(facts, &there);

	for (size_t i = 0; i < ARRAY_SIZE(commands) && !err; i++)
		err = read_iptables(facts, commands[i], &any_iptables);
	if (!any_iptables && !err) /* a version before there were two */
		err = read_iptables(facts, "iptables", &any_iptables);
	if (!there && !any_iptables)
		complain(facts, "nft", -ENOENT,
			 "not installed, nor is iptables: rules that were made otherwise could not "
			 "be looked at");
	return err;
}

/* ------------------------------------------------------------------ all of it */

void audit_box_free(struct audit_box *box)
{
	audit_facts_free(&box->facts);
	site_free(box->site);
}

int audit_read(const char *config, const char *pin, struct audit_box *box)
{
	struct audit_facts *facts = &box->facts;
	struct timespec now;
	int err;

	*box = (struct audit_box){.facts = {.config = config, .pin = pin, .textfile = ""}};
	clock_gettime(CLOCK_REALTIME, &now);
	facts->now_ns = ns_of(&now);
	err = audit_read_config(box);
	if (err)
		return err;
	audit_read_loaded(facts);
	audit_read_sysctls(facts);
	audit_read_links(facts);
	err = audit_read_filters(facts);
	return err ? err : audit_read_export(facts);
}
