/* SPDX-License-Identifier: GPL-2.0 */
/* Devices that were found, as sections to paste or as JSON. */
#include <string.h>

#include "report/discovery.h"
#include "report/json.h"

/* ------------------------------------------------------------------ sections */

static void print_addresses(FILE *out, const struct found *found)
{
	char text[ADDRESS_TEXT];

	for (size_t i = 0; i < found->address_count; i++)
		fprintf(out, "%s%s", i ? ", " : "", address_format(&found->addresses[i], text));
}

static void print_reasons(FILE *out, const struct found *found)
{
	fputs("# ", out);
	print_addresses(out, found);
	fprintf(out, ": %s\n", found->model ? found->model->name : "nothing tells the model");
	for (size_t i = 0; i < found->reason_count; i++)
		fprintf(out, "#   %s\n", found->reasons[i]);
	if (found->has_mac && !found->agfeo)
		fprintf(out, "#   against it: its MAC is not AGFEO's\n");
	if (!found->model && *found->agent)
		fprintf(out, "#   SIP User-Agent or Server: \"%s\"\n", found->agent);
	if (!found->model && *found->vendor)
		fprintf(out, "#   DHCP vendor class: \"%s\"\n", found->vendor);
	if (!found->model && *found->name)
		fprintf(out, "#   DHCP host name: \"%s\"\n", found->name);
	for (size_t i = 0; i < found->also_count; i++)
		fprintf(out, "%s%s%s", i ? ", " : "#   could also be: ", found->also[i]->id,
			i + 1 == found->also_count ? "\n" : "");
}

/* Ports that the catalogue leaves to the configuration. */
static bool needs_rtp_ports(const struct model *model)
{
	for (const struct service *const *service = model->services; *service; service++)
		if ((*service)->port_rule == PORTS_RTP_OPEN && service_ports_open(*service))
			return true;
	return false;
}

/* prefix: "# " where pasting it as it is would not do. */
static void print_section(FILE *out, const struct found *found, const char *prefix)
{
	char mac[MAC_TEXT];

	fprintf(out, "%s[device %s]\n%smodel   = %s\n%saddress = ", prefix, found->section, prefix,
		found->model ? found->model->id : "?   (agfeoctl models lists them)", prefix);
	print_addresses(out, found);
	fputc('\n', out);
	if (found->has_mac)
		fprintf(out, "%smac     = %s\n", prefix, mac_format(&found->mac, mac));
	if (found->preset)
		fprintf(out, "%srtp-ports = 65100-65120\n%ssip-ports = 60104\n", prefix, prefix);
	if (found->model && needs_rtp_ports(found->model))
		fprintf(out, "%srtp-ports = FIRST-LAST   (its web configuration shows them)\n",
			prefix);
	fputc('\n', out);
}

static void print_found(FILE *out, const struct found *found)
{
	bool software = found->model && found->model->kind == KIND_SOFTWARE;

	print_reasons(out, found);
	if (software)
		fputs("#   a computer: once listed it may do only what its section allows\n", out);
	else if (found->model && found->model->kind == KIND_SOFTPHONE)
		fputs("#   a computer? Then it also needs allow lines for what else it does\n",
		      out);
	print_section(out, found,
		      !found->model || software || needs_rtp_ports(found->model) ? "# " : "");
}

int render_discovery_text(FILE *out, const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		print_found(out, &findings->rows[i]);
	fprintf(out, "# %zu found, %zu configured already, %zu other hosts, in %llu packets%s\n",
		findings->count, findings->configured, findings->silent,
		(unsigned long long)findings->packets,
		findings->full ? "; more hosts than could be kept" : "");
	return 0;
}

/* ------------------------------------------------------------------ JSON */

static const char *text_or_null(const char *text)
{
	return *text ? text : NULL;
}

static void put_found(struct json *json, const struct found *found)
{
	char text[ADDRESS_TEXT], mac[MAC_TEXT];

	json_open(json, NULL);
	json_array(json, "addresses");
	for (size_t i = 0; i < found->address_count; i++)
		json_string(json, NULL, address_format(&found->addresses[i], text));
	json_array_end(json);
	json_string(json, "mac", found->has_mac ? mac_format(&found->mac, mac) : NULL);
	json_boolean(json, "agfeo", found->agfeo);
	json_string(json, "model", found->model ? found->model->id : NULL);
	json_string(json, "name", found->model ? found->model->name : NULL);
	json_array(json, "also");
	for (size_t i = 0; i < found->also_count; i++)
		json_string(json, NULL, found->also[i]->id);
	json_array_end(json);
	json_array(json, "reasons");
	for (size_t i = 0; i < found->reason_count; i++)
		json_string(json, NULL, found->reasons[i]);
	json_array_end(json);
	json_string(json, "user_agent", text_or_null(found->agent));
	json_string(json, "vendor_class", text_or_null(found->vendor));
	json_string(json, "hostname", text_or_null(found->name));
	json_string(json, "section", found->model ? found->section : NULL);
	json_number(json, "packets", found->packets);
	json_close(json);
}

int render_discovery_json(FILE *out, const struct findings *findings)
{
	struct json json = {.out = out};

	json_open(&json, NULL);
	json_number(&json, "packets", findings->packets);
	json_number(&json, "configured", findings->configured);
	json_number(&json, "others", findings->silent);
	json_boolean(&json, "complete", !findings->full);
	json_array(&json, "hosts");
	for (size_t i = 0; i < findings->count; i++)
		put_found(&json, &findings->rows[i]);
	json_array_end(&json);
	json_close(&json);
	json_end(&json);
	return 0;
}
