/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Windows QoS policies for VISOfon, as a PowerShell script. Windows marks nothing that a program asks
 * for; a policy per telephone system does, by program, destination and port. The script is ASCII:
 * Windows PowerShell reads a file without a byte order mark in the code page of the machine.
 */
#include <errno.h>
#include <string.h>

#include "policy/generate.h"

#define SIGNALLING_DEFAULT 24 /* CS3, where the site says "keep" */
#define LABEL_TEXT	   (AGFEO_NAME_SIZE + 16)

/* What is nothing special to PowerShell, neither in quotes nor as a pattern of names. */
static bool is_plain(char c)
{
	return c >= ' ' && c <= '~' && !strchr("'`$*?[]", c);
}

/* A name as PowerShell takes it. What is changed by that is numbered, so that no two are the same. */
static const char *label_of(const char *name, size_t number, char text[LABEL_TEXT])
{
	bool changed = false;
	char *at = text;

	for (; *name && at < text + AGFEO_NAME_SIZE; name++) {
		bool plain = is_plain(*name);

		changed |= !plain;
		*at++ = plain ? *name : '_';
	}
	*at = '\0';
	if (changed)
		sprintf(at, " %zu", number + 1);
	return text;
}

static const struct model_policy *model_of(const struct policy *policy, size_t device)
{
	return &policy->policies[policy->devices[device].policy];
}

/* What VISOfon sends to: a port of the system's own, open to the site. */
static const struct policy_rule *find_target(const struct model_policy *model,
					     enum agfeo_class class)
{
	for (size_t i = 1; i < model->rule_count; i++) {
		const struct policy_rule *rule = &model->rules[i];

		if (rule->protocol == AGFEO_UDP && rule->side == AGFEO_LOCAL && !rule->group &&
		    rule->direction != AGFEO_OUT && rule->class == class &&
		    strcmp(rule->service, "allow"))
			return rule;
	}
	return NULL;
}

static bool is_system(const struct device *device)
{
	return device->model->kind == KIND_PBX || device->model->kind == KIND_MODULE;
}

/* ------------------------------------------------------------------ text */

static void write_head(const struct policy *policy, FILE *out)
{
	char name[LABEL_TEXT];

	fprintf(out,
		"# DE: QoS-Richtlinien fuer AGFEO VISOfon unter Windows, Standort '%s'.\n"
		"# EN: QoS policies for AGFEO VISOfon on Windows, site '%s'.\n",
		label_of(policy->site->name, 0, name), name);
	fputs("#\n"
	      "# DE: Als Administrator ausfuehren; wiederholbar. Ohne -PolicyStore gilt es fuer\n"
	      "#     diesen Rechner; fuer die Domaene: -PolicyStore 'GPO:DOMAENE\\GPO-NAME'\n"
	      "# EN: Run as administrator, as often as you like. Without -PolicyStore it is for "
	      "this\n"
	      "#     computer; for the domain: -PolicyStore 'GPO:DOMAIN\\GPO-NAME'\n"
	      "#\n"
	      "# DE: Programm pruefen! VISOfon ist ein Teil des AGFEO Dashboards. Bei laufendem\n"
	      "#     Gespraech zeigt dies den Namen; ein falscher Name markiert nichts:\n"
	      "# EN: Check the program! VISOfon is a part of AGFEO Dashboard. During a call this\n"
	      "#     shows its name; a wrong name marks nothing:\n"
	      "#     Get-Process -Id (Get-NetUDPEndpoint).OwningProcess | Sort-Object Path -Unique "
	      "|\n"
	      "#         Format-Table Name, Path\n"
	      "#\n"
	      "# DE: Rechner ohne Domaene markieren nichts, bis Windows die Netzwerkerkennung "
	      "(NLA)\n"
	      "#     dabei uebergeht; danach neu starten:\n"
	      "# EN: Computers outside a domain mark nothing until Windows leaves network "
	      "location\n"
	      "#     awareness (NLA) out of it; restart afterwards:\n"
	      "#     New-Item -Path 'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\QoS' "
	      "-Force\n"
	      "#     New-ItemProperty -Path "
	      "'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\QoS' "
	      "-Name 'Do not use NLA' -PropertyType String -Value '1' -Force\n"
	      "#\n"
	      "# DE: Was hier nicht mehr vorkommt, bleibt stehen: ansehen und entfernen mit\n"
	      "# EN: What is no longer named here stays: look at it and remove it with\n"
	      "#     Get-NetQosPolicy -PolicyStore $PolicyStore | Where-Object Name -like 'AGFEO "
	      "*'\n"
	      "#     Remove-NetQosPolicy -Name NAME -PolicyStore $PolicyStore\n"
	      "\n"
	      "param(\n"
	      "    [string]$Program = 'visofon.exe',\n"
	      "    [string]$PolicyStore = $env:COMPUTERNAME\n"
	      ")\n",
	      out);
}

/* One policy: whatever the program sends to these ports of this address. */
static void write_policy(FILE *out, const char *kind, const char *name, size_t number,
			 const struct prefix *address, struct port_range ports, unsigned dscp)
{
	char label[LABEL_TEXT + 48], prefix[PREFIX_TEXT];

	snprintf(label, sizeof(label), "AGFEO VISOfon %s %s %zu", kind, name, number);
	fprintf(out,
		"Remove-NetQosPolicy -Name '%s' -PolicyStore $PolicyStore -Confirm:$false "
		"-ErrorAction SilentlyContinue\n"
		"New-NetQosPolicy -Name '%s' -PolicyStore $PolicyStore "
		"-AppPathNameMatchCondition $Program -IPProtocolMatchCondition UDP "
		"-IPDstPrefixMatchCondition '%s' ",
		label, label, prefix_format(address, prefix));
	/* A range of one port is refused: its end must lie above its start. */
	if (ports.first == ports.last)
		fprintf(out, "-IPDstPortMatchCondition %u ", ports.first);
	else
		fprintf(out, "-IPDstPortStartMatchCondition %u -IPDstPortEndMatchCondition %u ",
			ports.first, ports.last);
	fprintf(out, "-DSCPAction %u -NetworkProfile All\n", dscp);
}

static void write_policies(FILE *out, const char *kind, const char *name,
			   const struct device *device, const struct policy_rule *rule,
			   unsigned dscp)
{
	char ports[RANGE_TEXT];

	if (!rule)
		return;
	fprintf(out, "# %s: UDP %s (%s), DSCP %u\n", kind, port_range_format(rule->ports, ports),
		rule->source, dscp);
	for (size_t i = 0; i < device->address_count; i++)
		write_policy(out, kind, name, i + 1, &device->addresses[i], rule->ports, dscp);
}

int generate_gpo(const struct policy *policy, FILE *out)
{
	const struct site *site = policy->site;
	unsigned voice = site->voice == AGFEO_KEEP ? AGFEO_EF : site->voice;
	unsigned signalling =
		site->signalling == AGFEO_KEEP ? SIGNALLING_DEFAULT : site->signalling;
	bool found = false;

	for (size_t i = 0; i < policy->device_count; i++) {
		const struct device *device = policy->devices[i].device;
		const struct model_policy *model = model_of(policy, i);
		const struct policy_rule *rtp = find_target(model, AGFEO_CLASS_VOICE);
		const struct policy_rule *sip = find_target(model, AGFEO_CLASS_SIGNALLING);
		char name[LABEL_TEXT];

		if (!is_system(device) || (!rtp && !sip))
			continue;
		if (!found)
			write_head(policy, out);
		found = true;
		fprintf(out, "\n# %s: %s\n", label_of(device->name, i, name), device->model->name);
		write_policies(out, "RTP", name, device, rtp, voice);
		write_policies(out, "SIP", name, device, sip, signalling);
	}
	return found ? 0 : -ENOENT;
}
