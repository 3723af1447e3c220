/* SPDX-License-Identifier: GPL-2.0 */
/* The configuration: what sound text means, at any length; foreign bytes, files, warnings. */
#include "config/config.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/encodings.h"
#include "check.h"
#include "lib/complaints.h"

/* ------------------------------------------------------------------ sound text */

static const char whole[] =
	"\xef\xbb\xbf# comment\r\n"
	"[ site ]\r\n"
	"  name = B\xc3\xbcro#1;2 ; comment\n"
	"\tnetworks = 192.168.10.0/24 , fd00:10::/64 # comment\n"
	"networks=10.1.0.0/16\n"
	"mode = monitor\ncloud = any\nunknown = drop\nnew-flows = 0\nflows = 1024\n"
	"resolvers = 192.168.10.1\n"
	"payload-types = 96 OPUS/48000/2, 101 telephone-event\n"
	"[interface lan0]# comment\nrole = voice\nforward = fast\nxdp = native\noptional = yes\n"
	"[interface wan0];[qos]\nrole = uplink\nxdp = generic\nlocal = tcp 443, udp 51820-51821\n"
	"[device pbx]\nmodel = es-pure-ip-x-it\naddress = 192.168.10.2, fd00:10::2\n"
	"mac = 00-09-40-12-34-56\nchannels = 16\nsip-accounts = 4\nprovider = b, a\nprovider = b\n"
	"enable = mqtt-broker, sip-tcp\ndisable = tapi, mqtt-client\n"
	"allow = in tcp 8080 from site, out udp 16384-16484 to provider\nallow = both udp 9 to "
	"any\n"
	"mode = monitor\nquality = off\npayload-types = 97 16000, 98 speex/32000\npayload-types = "
	"118 CN\n"
	"[device phones]\nmodel = visofon\naddress = 192.168.20.64/27\nrtp-ports = 65100-65120\n"
	"sip-ports = 60104\n"
	"[provider a]\nnetworks = 217.10.64.0/20\n[provider b]\nnetworks = 2001:ab7::/32\n"
	"[qos]\nvoice = CS5\nsignalling = 26\nothers = bleach\n"
	"[export]\ntextfile = /tmp/x.prom\ninterval = 2m"; /* and no newline */

static void check_networks(const struct prefix *networks, size_t count, const char *expected)
{
	char text[512] = "", one[PREFIX_TEXT];

	for (size_t i = 0; i < count; i++) {
		strcat(text, i ? " " : "");
		strcat(text, prefix_format(&networks[i], one));
	}
	CHECK_STR(text, expected);
}

static void check_types(const struct agfeo_payload_types *types, const char *expected)
{
	char text[512] = "", one[ENCODING_TEXT];
	size_t at = 0;

	for (int i = 0; i < AGFEO_DYNAMIC_TYPES; i++)
		if (types->encoding[i])
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%d %s",
					       at ? " " : "", AGFEO_FIRST_DYNAMIC + i,
					       encoding_format(types->encoding[i], one));
	CHECK_STR(text, expected);
}

static void test_site(const struct site *site)
{
	CHECK_STR(site->name, "Büro#1;2");
	check_networks(site->networks, site->network_count,
		       "192.168.10.0/24 fd00:10::/64 10.1.0.0/16");
	CHECK(site->monitor && site->cloud_any && site->unknown_drop);
	CHECK_EQ(site->new_flows, 0);
	CHECK_EQ(site->flow_count, 1024);
	check_networks(site->resolvers, site->resolver_count, "192.168.10.1");
	check_types(&site->payload_types, "96 opus/48000 101 telephone-event/8000");
	CHECK_EQ(site->voice, 40);
	CHECK_EQ(site->signalling, 26);
	CHECK(site->bleach);
	CHECK_STR(site->textfile, "/tmp/x.prom");
	CHECK_EQ(site->interval_seconds, 120);

	CHECK_EQ(site->interface_count, 2);
	CHECK_STR(site->interfaces[0].name, "lan0");
	CHECK_EQ(site->interfaces[0].role, AGFEO_ROLE_VOICE);
	CHECK(site->interfaces[0].forward_fast);
	CHECK(site->interfaces[0].optional && !site->interfaces[1].optional);
	CHECK_EQ(site->interfaces[0].xdp, XDP_NATIVE);
	CHECK_EQ(site->interfaces[1].role, AGFEO_ROLE_UPLINK);
	CHECK_EQ(site->interfaces[1].xdp, XDP_GENERIC);
	CHECK_EQ(site->interfaces[1].local_count, 2);
	CHECK_EQ(site->interfaces[1].local[1].protocol, AGFEO_UDP);
	CHECK_EQ(site->interfaces[1].local[1].ports.last, 51821);
	CHECK_EQ(site->provider_count, 2);
	check_networks(site->providers[1].networks, 1, "2001:ab7::/32");
}

static void test_device(const struct device *device)
{
	CHECK_STR(device->model->id, "es-pure-ip-x-it");
	check_networks(device->addresses, device->address_count, "192.168.10.2 fd00:10::2");
	CHECK(device->has_mac && device->mac.bytes[5] == 0x56);
	CHECK_EQ(device->channels, 16);
	CHECK_EQ(device->sip_accounts, 4);
	CHECK_EQ(device->provider_count, 2); /* named twice is named once */
	CHECK_EQ(device->providers[0], 1);
	CHECK_EQ(device->providers[1], 0);
	CHECK_EQ(device->enable_count, 2);
	CHECK_STR(device->enable[1], "sip-tcp");
	CHECK_EQ(device->disable_count, 2);
	CHECK_STR(device->disable[1], "mqtt-client");
	CHECK_EQ(device->allow_count, 3);
	CHECK_EQ(device->allow[1].direction, AGFEO_OUT);
	CHECK_EQ(device->allow[1].ports.last, 16484);
	CHECK_EQ(device->allow[1].scope, SCOPE_PROVIDER);
	CHECK_EQ(device->allow[2].direction, AGFEO_BOTH);
	CHECK(device->monitor && device->no_quality);
	check_types(&device->payload_types, "97 16000 98 speex/32000 118 CN/8000");
	CHECK_EQ(device->line, 22);
	CHECK_EQ(device->allow[2].line, 33);
}

static void test_whole(void)
{
	_cleanup_(site_freep) struct site *site = sound(whole);
	struct address address;

	if (!site)
		return;
	test_site(site);
	CHECK_EQ(site->device_count, 2);
	test_device(&site->devices[0]);
	CHECK_EQ(site->devices[1].rtp_ports.first, 65100);
	CHECK_EQ(site->devices[1].sip_ports.last, 60104);
	address_parse("192.168.20.95", &address);
	CHECK(site_find_device(site, &address) == &site->devices[1]);
	address_parse("192.168.20.96", &address);
	CHECK(!site_find_device(site, &address));
}

static void test_defaults(void)
{
	_cleanup_(site_freep) struct site *site = sound("");

	if (!site)
		return;
	CHECK_STR(site->name, "site");
	check_networks(site->networks, site->network_count,
		       "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 169.254.0.0/16 fc00::/7 fe80::/10");
	CHECK(!site->monitor && !site->cloud_any && !site->unknown_drop && !site->bleach);
	CHECK_EQ(site->new_flows, 100);
	CHECK_EQ(site->flow_count, 16384);
	CHECK_EQ(site->voice, AGFEO_EF);
	CHECK_EQ(site->signalling, AGFEO_KEEP);
	CHECK_STR(site->textfile, "/var/lib/prometheus/node-exporter/agfeo.prom");
	CHECK_EQ(site->interval_seconds, 15);
}

/* ------------------------------------------------------------------ length */

/* Lines far beyond inih's 200 bytes: nothing may get lost or move, wherever they are cut. */
static void test_long_line(void)
{
	enum { HOSTS = 2000 };
	static char text[64 * 1024];
	_cleanup_(site_freep) struct site *site = NULL;
	size_t at = (size_t)sprintf(text, "[device a]\nmodel = t14-sip\naddress = ");
	unsigned wrong = 0;

	for (unsigned i = 0; i < HOSTS; i++)
		at += (size_t)sprintf(text + at, "%s10.%u.%u.1", i ? i % 7 ? "," : "  ,   " : "",
				      i / 256, i % 256);
	sprintf(text + at, " ; comment, 10.9.9.9\nquality = off\nmod = x\n");
	CHECK(at > 20000);
	{
		_cleanup_(freep) char *told = complaints(text, strlen(text), &site);

		CHECK(strstr(told, "f:5: [device a]: key 'mod' is unknown") == told);
	}
	*strstr(text, "mod = x") = '#';
	site = sound(text);
	if (!site)
		return;
	CHECK_EQ(site->devices[0].address_count, HOSTS);
	for (unsigned i = 0; i < HOSTS; i++) {
		const uint8_t *bytes = site->devices[0].addresses[i].address.bytes;

		wrong += bytes[13] != i / 256 || bytes[14] != i % 256;
	}
	CHECK_EQ(wrong, 0);
	CHECK(site->devices[0].no_quality);
}

/* A word of every length around the piece's size, with comment signs at every place of it. */
static void test_long_word(void)
{
	unsigned wrong = 0;

	for (unsigned size = 100; size < 250; size++) {
		_cleanup_(site_freep) struct site *site = NULL;
		char text[512], path[256] = "/";

		for (unsigned i = 1; i < size; i++)
			path[i] = i % 11 != size % 11 ? 'a' + i % 26 : i % 2 ? '#' : ';';
		path[size - 1] = 'z';
		path[size] = '\0';
		snprintf(text, sizeof(text), "[export]\ntextfile   =   %s  # comment\n", path);
		site = sound(text);
		wrong += !site || strcmp(site->textfile, path) != 0;
	}
	CHECK_EQ(wrong, 0);
}

/* A value with a stretch that cannot be cut, and a value too long for what it says. */
static void test_beyond(void)
{
	static char text[8192];
	_cleanup_(freep) char *told = NULL, *also = NULL;
	struct site *site;

	sprintf(text, "[site]\nname = a%*sb\nmode = x\n", 400, "");
	told = complaints(text, strlen(text), &site);
	CHECK_STR(told, "f:2: a stretch of more than 100 blanks or comment signs inside a value\n"
			"f:3: mode: 'x' is unknown; known: enforce, monitor\n");
	sprintf(text, "[site]\nname = %0*d\n", 48, 1);
	also = complaints(text, strlen(text), &site);
	CHECK_STR(also, "f:2: name: longer than 47 letters\n");
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void test_many_devices(void)
{
	enum { DEVICES = 10000 };
	_cleanup_(freep) char *text = malloc(DEVICES * 80);
	_cleanup_(site_freep) struct site *site = NULL;
	double begun = seconds();
	size_t at = 0;

	for (unsigned i = 0; i < DEVICES; i++)
		at += (size_t)sprintf(text + at,
				      "[device phone%u]\nmodel = t14-sip\naddress = 10.0.%u.%u\n",
				      i, i / 250, i % 250 + 1);
	site = sound(text);
	CHECK(site && site->device_count == DEVICES);
	printf("%d devices read in %.0f ms (sanitized)\n", DEVICES, (seconds() - begun) * 1e3);
}

/* ------------------------------------------------------------------ foreign bytes */

/* Sound text with bytes changed, cut or doubled: any outcome will do but a fault of ours. */
static void test_mutations(void)
{
	enum { ROUNDS = 4000 };
	unsigned wrong = 0;

	srandom(1);
	for (unsigned round = 0; round < ROUNDS; round++) {
		_cleanup_(freep) char *told = NULL, *text = malloc(sizeof(whole) * 2);
		struct site *site = NULL;
		size_t size = sizeof(whole) - 1, told_size;
		FILE *errors = open_memstream(&told, &told_size);
		int err;

		memcpy(text, whole, size);
		for (long changes = random() % 8; changes >= 0; changes--) {
			size_t at = (size_t)random() % size, length = (size_t)random() % 20;

			if (random() % 4) {
				text[at] = (char)(random() % 3 ? "\n=,;#[]: /-"[random() % 11]
							       : random());
			} else if (at + length < size) {
				memmove(text + at, text + at + length, size - at - length);
				size -= length;
			}
		}
		err = config_parse("f", text, size, errors, &site);
		fclose(errors);
		wrong += (err == 0) != (site != NULL) || (err == 0) != (*told == '\0');
		site_free(site);
	}
	CHECK_EQ(wrong, 0);
}

/* ------------------------------------------------------------------ files, warnings */

/* What is said of a file that cannot be read as a configuration; nothing comes of it. */
static void check_read(const char *path, int result, const char *words)
{
	_cleanup_(freep) char *told = NULL, *wanted = NULL;
	struct site *site = NULL;
	size_t size;
	FILE *errors = open_memstream(&told, &size);

	CHECK_EQ(config_read(path, errors, &site), result);
	fclose(errors);
	CHECK(!site);
	CHECK(asprintf(&wanted, "%s: the configuration cannot be read: %s\n", path, words) > 0);
	CHECK_STR(told, wanted);
}

static void test_read(void)
{
	check_read("/nonexistent/agfeo.conf", -ENOENT, "No such file or directory");
	check_read("/etc", -EISDIR, "Is a directory");
	check_read("/dev/zero", -EFBIG, "File too large"); /* anything that has no end */
}

/* Longer than what there is room for, and as long as that. */
static void test_long(void)
{
	static const struct {
		const char *what, *head;
		unsigned fits;
		const char *told;
	} rows[] = {
		{"the path of a textfile", "[export]\ntextfile = /", 254,
		 "f:2: textfile: longer than 255 bytes\n"},
		{"the name of a provider", PBX "provider = ", 47,
		 "f:4: provider: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…' is longer than any "
		 "name\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (unsigned more = 0; more < 2; more++) {
			_cleanup_(freep) char *told = NULL;
			char text[1024], name[512] = "";
			struct site *site;

			CHECK_ROW(rows[i].what);
			memset(name, 'a', rows[i].fits + more);
			snprintf(text, sizeof(text), "%s%s\n", rows[i].head, name);
			told = complaints(text, strlen(text), &site);
			CHECK_EQ(!strcmp(told, rows[i].told), more);
			site_free(site);
		}
	}
	CHECK_ROW(NULL);
}

/* The configurations that the documentation shows. */
static void test_examples(void)
{
	glob_t found;

	if (!CHECK(!glob("tests/examples/*.conf", 0, NULL, &found)))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct site *site = NULL;

		CHECK_ROW(found.gl_pathv[i]);
		CHECK_EQ(config_read(found.gl_pathv[i], stdout, &site), 0);
		site_free(site);
	}
	CHECK_ROW(NULL);
	globfree(&found);
}

static void keep_warning(void *context, int line, const char *text)
{
	fprintf(context, "%d: %.40s\n", line, text);
}

static void test_open_to_everybody(void)
{
	_cleanup_(site_freep) struct site *site = sound(
		"[site]\ncloud = any\n[provider p]\nnetworks = 217.10.64.0/20\n" PBX
		"provider = p\n"
		"allow = in udp 5064-5071 from any, both tcp 8443 to any, in tcp 8444 from cloud\n"
		"allow = out tcp 25 to any, in tcp 8080 from provider, in tcp 8081 from site\n");
	_cleanup_(freep) char *told = NULL;
	size_t size;
	FILE *stream = open_memstream(&told, &size);

	CHECK_EQ(config_warnings(site, keep_warning, stream), 3);
	fclose(stream);
	CHECK_STR(told, "9: allow: udp 5064-5071 of pbx is open to e\n"
			"9: allow: tcp 8443 of pbx is open to everyb\n"
			"9: allow: tcp 8444 of pbx is open to everyb\n");
}

static void test_warnings(void)
{
	_cleanup_(site_freep) struct site *site =
		sound("[provider p]\nnetworks = 217.10.64.0/20\n" PBX "provider = p\n"
		      "[device s]\nmodel = visofon\naddress = 8.8.8.8\nprovider = p\n" PHONE
		      "[device t]\nmodel = tapi-client\naddress = 10.0.0.9\n");
	_cleanup_(freep) char *told = NULL;
	size_t size;
	FILE *stream = open_memstream(&told, &size);

	CHECK_EQ(config_warnings(site, keep_warning, stream), 3);
	fclose(stream);
	CHECK_STR(told, "7: device s: AGFEO VISOfon uses any port fr\n"
			"7: device s: 8.8.8.8 is in none of the site\n"
			"11: device phone names no provider: its voic\n");
}

int main(void)
{
	test_whole();
	test_defaults();
	test_long_line();
	test_long_word();
	test_beyond();
	test_many_devices();
	test_mutations();
	test_read();
	test_long();
	test_examples();
	test_warnings();
	test_open_to_everybody();
	return check_done();
}
