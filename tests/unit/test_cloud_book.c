/* SPDX-License-Identifier: GPL-2.0 */
/* How long an address is one of AGFEO's, and which never becomes one. */
#include "base/cleanup.h"
#include "lib/check.h"
#include "policy/cloud_book.h"

#define HOST AGFEO_HOST_REMOTE

static struct address address_of(const char *text)
{
	struct address address = {.bytes = {0}};

	CHECK_EQ(address_parse(text, &address), 0);
	return address;
}

static bool learn(struct cloud_book *book, enum agfeo_host host, const char *text, uint64_t until,
		  uint64_t now)
{
	struct address address = address_of(text);

	return cloud_book_learn(book, host, &address, until, now, CLOUD_REFRESHED);
}

static void test_ttl(void)
{
	CHECK_EQ(cloud_ttl(0), 30);
	CHECK_EQ(cloud_ttl(29), 30);
	CHECK_EQ(cloud_ttl(300), 300);
	CHECK_EQ(cloud_ttl(3601), 3600);
	CHECK_EQ(cloud_ttl(0xffffffffu), 3600);
}

/* How a name was learned is told until it ends. */
static void test_sources(void)
{
	_cleanup_(cloud_book_release) struct cloud_book book = {0};
	struct address address = address_of("198.51.100.1");

	cloud_book_learn(&book, HOST, &address, 1060, 1000, CLOUD_REFRESHED);
	cloud_book_learn(&book, AGFEO_HOST_PBX, &address, 2000, 1000, CLOUD_WATCHED);
	CHECK_EQ(book.addresses[0].refreshed, AGFEO_HOST_BIT(REMOTE));
	CHECK_EQ(book.addresses[0].watched, AGFEO_HOST_BIT(PBX));
	cloud_book_learn(&book, HOST, &address, 1060, 1000, CLOUD_WATCHED);
	CHECK_EQ(book.addresses[0].watched, AGFEO_HOST_BIT(PBX) | AGFEO_HOST_BIT(REMOTE));
	cloud_book_expire(&book, 1061 + CLOUD_GRACE);
	CHECK_EQ(book.addresses[0].refreshed, 0);
	CHECK_EQ(book.addresses[0].watched, AGFEO_HOST_BIT(PBX));
}

static void test_ageing(void)
{
	_cleanup_(cloud_book_release) struct cloud_book book = {0};

	learn(&book, HOST, "198.51.100.2", 1060, 1000);
	learn(&book, HOST, "198.51.100.1", 1060, 1000);
	learn(&book, AGFEO_HOST_PBX, "198.51.100.1", 2000, 1000);
	CHECK_EQ(book.count, 2);
	CHECK_EQ(cloud_hosts(&book.addresses[0]), AGFEO_HOST_BIT(REMOTE) | AGFEO_HOST_BIT(PBX));
	CHECK_EQ(cloud_until(&book.addresses[0]), 2000);
	CHECK_EQ(cloud_book_count(&book, HOST), 2);

	CHECK_ROW("an answer that comes late does not shorten");
	learn(&book, HOST, "198.51.100.2", 1040, 1010);
	CHECK_EQ(cloud_until(&book.addresses[1]), 1060);

	CHECK_ROW("within the grace");
	cloud_book_expire(&book, 1060 + CLOUD_GRACE);
	CHECK_EQ(book.count, 2);
	CHECK_ROW("after it, name by name");
	cloud_book_expire(&book, 1061 + CLOUD_GRACE);
	CHECK_EQ(book.count, 1);
	CHECK_EQ(cloud_hosts(&book.addresses[0]), AGFEO_HOST_BIT(PBX));
	CHECK_EQ(cloud_book_count(&book, HOST), 0);
	CHECK_ROW(NULL);
}

static void test_use(void)
{
	_cleanup_(cloud_book_release) struct cloud_book book = {0};
	struct address used = address_of("2001:db8::1"), other = address_of("2001:db8::2");

	learn(&book, HOST, "2001:db8::1", 1060, 1000);
	cloud_book_use(&book, &other, 9000); /* nobody we know */
	CHECK_EQ(book.count, 1);
	cloud_book_use(&book, &used, 9000);
	cloud_book_use(&book, &used, 8000); /* not backwards */
	cloud_book_expire(&book, 9000 + CLOUD_GRACE);
	CHECK_EQ(book.count, 1);
	cloud_book_expire(&book, 9001 + CLOUD_GRACE);
	CHECK_EQ(book.count, 0);
}

static void test_silence(void)
{
	_cleanup_(cloud_book_release) struct cloud_book book = {0};

	learn(&book, HOST, "198.51.100.1", 1060, 1000);
	learn(&book, HOST, "2001:db8::1", 1060, 1000);
	learn(&book, AGFEO_HOST_PBX, "198.51.100.9", 1060, 1000);
	cloud_book_keep(&book, HOST, true, 5000, 1070);
	cloud_book_expire(&book, 5000);
	CHECK_EQ(book.count, 1); /* the family and the host that nobody answered for */
	CHECK_EQ(cloud_until(&book.addresses[0]), 5000);

	CHECK_ROW("but not for more than a day");
	cloud_book_keep(&book, HOST, true, 1000000, 1000 + CLOUD_STALE_MOST);
	CHECK_EQ(cloud_until(&book.addresses[0]), 5000);
	CHECK_ROW(NULL);
}

static void test_bound(void)
{
	_cleanup_(cloud_book_release) struct cloud_book book = {0};
	unsigned learned = 0;

	for (unsigned i = 0; i < 2 * CLOUD_ADDRESSES; i++) {
		struct address address = address_from_v4(i * 2654435761u);

		learned += cloud_book_learn(&book, HOST, &address, 100, 1, CLOUD_REFRESHED);
	}
	CHECK_EQ(learned, CLOUD_ADDRESSES);
	CHECK_EQ(book.count, CLOUD_ADDRESSES);
	for (size_t i = 1; i < book.count; i++)
		CHECK(memcmp(&book.addresses[i - 1].address, &book.addresses[i].address, 16) < 0);
}

static void test_refusal(void)
{
	static const struct {
		const char *address;
		bool refused;
	} rows[] = {
		{"198.51.100.1", false}, {"2001:db8::1", false},
		{"10.0.0.1", false},	 {"192.168.10.2", true},
		{"fd00:10::2", true},	 {"127.0.0.1", true},
		{"0.0.0.0", true},	 {"169.254.1.1", true},
		{"224.0.0.251", true},	 {"255.255.255.255", true},
		{"240.0.0.1", true},	 {"::", true},
		{"::1", true},		 {"fe80::1", true},
		{"ff02::1", true},
	};
	struct prefix networks[2];
	struct site site = {.networks = networks, .network_count = 2};

	CHECK_EQ(prefix_parse("192.168.10.0/24", &networks[0]), 0);
	CHECK_EQ(prefix_parse("fd00:10::/64", &networks[1]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct address address = address_of(rows[i].address);

		CHECK_ROW(rows[i].address);
		CHECK_EQ(cloud_refuses(&site, &address) != NULL, rows[i].refused);
	}
	CHECK_ROW(NULL);
}

int main(void)
{
	test_ttl();
	test_sources();
	test_ageing();
	test_use();
	test_silence();
	test_bound();
	test_refusal();
	return check_done();
}
