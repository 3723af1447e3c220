/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses, prefixes, ranges, MACs and numbers: strict, both families, there and back. */
#include "base/address.h"

#include <arpa/inet.h>

#include "check.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct address address_of(const char *text)
{
	struct address address = {{0}};

	CHECK_EQ(address_parse(text, &address), 0);
	return address;
}

static struct prefix prefix_of(const char *text)
{
	struct prefix prefix = {.length = 999};

	CHECK_EQ(prefix_parse(text, &prefix), 0);
	return prefix;
}

/* ------------------------------------------------------------------ addresses */

static void test_address(void)
{
	static const struct {
		const char *text, *back;
		bool v4;
	} rows[] = {
		{"192.168.10.2", "192.168.10.2", true},
		{"0.0.0.0", "0.0.0.0", true},
		{"255.255.255.255", "255.255.255.255", true},
		{"fd00:10::2", "fd00:10::2", false},
		{"FD00:10:0:0::2", "fd00:10::2", false},
		{"::", "::", false},
		{"::1", "::1", false},
		{"::ffff:10.0.0.1", "10.0.0.1", true},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct address address = address_of(rows[i].text);
		char text[ADDRESS_TEXT];

		CHECK_ROW(rows[i].text);
		CHECK_STR(address_format(&address, text), rows[i].back);
		CHECK_EQ(address_is_v4(&address), rows[i].v4);
	}
	CHECK_ROW(NULL);
}

static void test_address_refused(void)
{
	static const char *const texts[] = {
		"",
		" ",
		"192.168.10",
		"192.168.10.2.3",
		"192.168.10.256",
		" 192.168.10.2",
		"192.168.10.2 ",
		"192.168.010.2",
		"0x7f.1",
		"192.168.10.2/24",
		"192.168.10.2:80",
		"fd00::1::2",
		"fd00",
		"fd00:::1",
		"[fd00::1]",
		"fd00::1%lan0",
		"fd00::12345",
		"pbx",
	};

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct address address = {{0xaa}};

		CHECK_ROW(texts[i]);
		CHECK_EQ(address_parse(texts[i], &address), -EINVAL);
		CHECK_EQ(address.bytes[0], 0xaa);
	}
	CHECK_ROW(NULL);
}

static void test_v4(void)
{
	struct address address = address_of("10.1.2.3"), other;

	CHECK_EQ(address_v4(&address), htonl(0x0a010203));
	other = address_from_v4(htonl(0x0a010203));
	CHECK(address_equal(&address, &other));
	other = address_of("10.1.2.4");
	CHECK(!address_equal(&address, &other));
	other = address_of("::a01:203"); /* the same last bytes, another family */
	CHECK(!address_equal(&address, &other));
}

static void test_group(void)
{
	static const struct {
		const char *text;
		bool group;
	} rows[] = {
		{"224.0.0.1", true},	    {"239.255.255.255", true}, {"255.255.255.255", true},
		{"223.255.255.255", false}, {"240.0.0.1", false},      {"192.168.10.255", false},
		{"ff02::1", true},	    {"ff00::", true},	       {"fe80::1", false},
		{"fd00::ff", false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct address address = address_of(rows[i].text);

		CHECK_ROW(rows[i].text);
		CHECK_EQ(address_is_group(&address), rows[i].group);
	}
	CHECK_ROW(NULL);
}

static void test_endpoint(void)
{
	struct address v4 = address_of("10.0.0.1");
	struct address v6 = address_of("2001:db8:1111:2222:3333:4444:5555:6666");
	char text[ENDPOINT_TEXT];

	CHECK_STR(endpoint_format(&v4, 65535, text), "10.0.0.1:65535");
	CHECK_STR(endpoint_format(&v6, 65535, text),
		  "[2001:db8:1111:2222:3333:4444:5555:6666]:65535");
}

/* ------------------------------------------------------------------ prefixes */

static void test_prefix(void)
{
	static const struct {
		const char *text, *back;
		unsigned length;
	} rows[] = {
		{"10.0.0.0/8", "10.0.0.0/8", 104},
		{"0.0.0.0/0", "0.0.0.0/0", 96},
		{"192.168.10.2", "192.168.10.2", 128},
		{"192.168.10.2/32", "192.168.10.2", 128},
		{"192.168.20.64/27", "192.168.20.64/27", 123},
		{"fd00:10::/64", "fd00:10::/64", 64},
		{"::/0", "::/0", 0},
		{"fe80::/10", "fe80::/10", 10},
		{"fd00::1", "fd00::1", 128},
		{"fd00::1/128", "fd00::1", 128},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct prefix prefix = prefix_of(rows[i].text);
		char text[PREFIX_TEXT];

		CHECK_ROW(rows[i].text);
		CHECK_EQ(prefix.length, rows[i].length);
		CHECK_STR(prefix_format(&prefix, text), rows[i].back);
		CHECK_EQ(prefix_is_host(&prefix), rows[i].length == 128);
	}
	CHECK_ROW(NULL);
}

static void test_prefix_refused(void)
{
	static const struct {
		const char *text;
		int error;
	} rows[] = {
		{"", -EINVAL},
		{"/8", -EINVAL},
		{"10.0.0.0/", -EINVAL},
		{"10.0.0.0/33", -EINVAL},
		{"10.0.0.0/-1", -EINVAL},
		{"10.0.0.0/8/8", -EINVAL},
		{"10.0.0.0/ 8", -EINVAL},
		{"10.0.0/8", -EINVAL},
		{"fd00::/129", -EINVAL},
		{"10.0.0.0/0x8", -EINVAL},
		{"10.0.0.1/8", -EDOM},
		{"10.0.0.1/31", -EDOM},
		{"0.0.0.1/0", -EDOM},
		{"fd00::1/64", -EDOM},
		{"fd00::1/127", -EDOM},
		{"10.0.0.0/255.0.0.0", -EINVAL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct prefix prefix = {.length = 999};

		CHECK_ROW(rows[i].text);
		CHECK_EQ(prefix_parse(rows[i].text, &prefix), rows[i].error);
		CHECK_EQ(prefix.length, 999);
	}
	CHECK_ROW(NULL);
}

static void test_contains(void)
{
	static const struct {
		const char *prefix, *address;
		bool contains;
	} rows[] = {
		{"10.0.0.0/8", "10.255.255.255", true},
		{"10.0.0.0/8", "11.0.0.0", false},
		{"192.168.20.64/27", "192.168.20.95", true},
		{"192.168.20.64/27", "192.168.20.96", false},
		{"192.168.20.64/27", "192.168.20.63", false},
		{"192.168.10.2", "192.168.10.2", true},
		{"192.168.10.2", "192.168.10.3", false},
		{"0.0.0.0/0", "8.8.8.8", true},
		{"0.0.0.0/0", "2001:db8::1", false},
		{"::/0", "2001:db8::1", true},
		{"::/0", "8.8.8.8", false}, /* a prefix is of one family, mapped or not */
		{"fd00:10::/64", "fd00:10::ffff", true},
		{"fd00:10::/64", "fd00:10:0:1::", false},
		{"fd00::/9", "fd7f::1", true},
		{"fd00::/9", "fd80::1", false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct prefix prefix = prefix_of(rows[i].prefix);
		struct address address = address_of(rows[i].address);

		CHECK_ROW(rows[i].prefix);
		CHECK_EQ(prefix_contains(&prefix, &address), rows[i].contains);
	}
	CHECK_ROW(NULL);
}

static void test_overlaps(void)
{
	static const struct {
		const char *a, *b;
		bool overlap;
	} rows[] = {
		{"10.0.0.0/8", "10.1.0.0/16", true},	 {"10.0.0.0/8", "11.0.0.0/8", false},
		{"10.0.0.0/24", "10.0.1.0/24", false},	 {"10.0.0.1", "10.0.0.1", true},
		{"0.0.0.0/0", "10.0.0.1", true},	 {"fd00::/8", "fd00:10::/64", true},
		{"fd00::/64", "fd00:0:0:1::/64", false}, {"::/0", "fd00::/64", true},
		{"::/0", "10.0.0.0/8", false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct prefix a = prefix_of(rows[i].a), b = prefix_of(rows[i].b);

		CHECK_ROW(rows[i].a);
		CHECK_EQ(prefix_overlaps(&a, &b), rows[i].overlap);
		CHECK_EQ(prefix_overlaps(&b, &a), rows[i].overlap);
	}
	CHECK_ROW(NULL);
}

/* ------------------------------------------------------------------ ports, MACs, numbers */

static void test_ports(void)
{
	static const struct {
		const char *text;
		int error;
		unsigned first, last;
		const char *back;
	} rows[] = {
		{"5060", 0, 5060, 5060, "5060"},
		{"1", 0, 1, 1, "1"},
		{"5204-5235", 0, 5204, 5235, "5204-5235"},
		{"1-65535", 0, 1, 65535, "1-65535"},
		{"7-7", 0, 7, 7, "7"},
		{"10000-65535", 0, 10000, 65535, "10000-65535"},
		{"0", -EINVAL, 9, 9, NULL},
		{"0-5", -EINVAL, 9, 9, NULL},
		{"65536", -EINVAL, 9, 9, NULL},
		{"1-65536", -EINVAL, 9, 9, NULL},
		{"", -EINVAL, 9, 9, NULL},
		{"-", -EINVAL, 9, 9, NULL},
		{"5-", -EINVAL, 9, 9, NULL},
		{"-5", -EINVAL, 9, 9, NULL},
		{"5-6-7", -EINVAL, 9, 9, NULL},
		{"5 - 6", -EINVAL, 9, 9, NULL},
		{"sip", -EINVAL, 9, 9, NULL},
		{"5060:5064", -EINVAL, 9, 9, NULL},
		{"000000000005060", -EINVAL, 9, 9, NULL},
		{"6-5", -ERANGE, 9, 9, NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct port_range range = {9, 9};
		char text[RANGE_TEXT];

		CHECK_ROW(rows[i].text);
		CHECK_EQ(port_range_parse(rows[i].text, &range), rows[i].error);
		CHECK_EQ(range.first, rows[i].first);
		CHECK_EQ(range.last, rows[i].last);
		if (rows[i].back)
			CHECK_STR(port_range_format(range, text), rows[i].back);
	}
	CHECK_ROW(NULL);
}

static void test_mac(void)
{
	static const char *const good[] = {"00:09:40:12:34:ab", "00-09-40-12-34-AB"};
	static const char *const bad[] = {
		"",
		"00:09:40:12:34",
		"00:09:40:12:34:5",
		"00:09:40:12:34:567",
		"00:09:40:12:34:5g",
		"00:09-40:12:34:56",
		"000940123456",
		"00.09.40.12.34.56",
		"00:09:40:12:34:56:",
		" 0:09:40:12:34:56",
		"+0:09:40:12:34:56",
	};
	struct mac_address mac;
	char text[MAC_TEXT];

	for (size_t i = 0; i < COUNT(good); i++) {
		CHECK_EQ(mac_parse(good[i], &mac), 0);
		CHECK_STR(mac_format(&mac, text), "00:09:40:12:34:ab");
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		CHECK_ROW(bad[i]);
		CHECK_EQ(mac_parse(bad[i], &mac), -EINVAL);
		CHECK_EQ(mac.bytes[5], 0xab);
	}
	CHECK_ROW(NULL);
}

static void test_numbers(void)
{
	static const char *const bad[] = {
		"",
		"-1",
		"+1",
		" 1",
		"1 ",
		"1.0",
		"0x1",
		"one",
		"101",
		"4294967297",
		"18446744073709551616",
		"18446744073709551617",
		"99999999999999999999999",
	};
	uint64_t number = 7;

	for (size_t i = 0; i < COUNT(bad); i++) {
		CHECK_ROW(bad[i]);
		CHECK(number_parse(bad[i], 0, 100, &number) < 0);
		CHECK_EQ(number, 7);
	}
	CHECK_ROW(NULL);
	CHECK(number_parse("4", 5, 100, &number) < 0);
	CHECK_EQ(number_parse("5", 5, 100, &number), 0);
	CHECK_EQ(number, 5);
	CHECK_EQ(number_parse("100", 5, 100, &number), 0);
	CHECK_EQ(number, 100);
	CHECK_EQ(number_parse("0", 0, 0, &number), 0);
	CHECK_EQ(number, 0);
}

int main(void)
{
	test_address();
	test_address_refused();
	test_v4();
	test_group();
	test_endpoint();
	test_prefix();
	test_prefix_refused();
	test_contains();
	test_overlaps();
	test_ports();
	test_mac();
	test_numbers();
	return check_done();
}
