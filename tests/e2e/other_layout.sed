# SPDX-License-Identifier: GPL-2.0
# include/agfeo as another version might have it, for tests/e2e/migrate.sh: members inserted in front
# of and between those that are, and one more reason among the reasons to drop.
s/^#define AGFEO_ABI [0-9]*$/#define AGFEO_ABI 4711/
/^struct agfeo_control {$/a	__u32 inserted;
/^struct agfeo_settings {$/a	__u64 inserted;
/^struct agfeo_counter_direction {$/a	__u64 inserted;
s/sizeof(struct agfeo_counter_direction) == 128/sizeof(struct agfeo_counter_direction) == 136/
/^struct agfeo_device_counter {$/a	__u64 inserted[3];
/^struct agfeo_counter_name {$/a	__u64 inserted;
/^struct agfeo_device_name {$/a	__u32 inserted[2];
/^struct agfeo_meta {$/a	__u64 inserted;
/^struct agfeo_flow {$/,/^};$/s/^	struct agfeo_flow_direction direction\[2\];$/&\n	__u64 inserted[8];/
/^	X(DIRECTION, /i\	X(INSERTED,     DROP, "inserted",     "a reason of another version") \\
