// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generic netlink family.
 */
#include <net/genetlink.h>

#include "binder_name.h"
#include "binder_netlink.h"
#include "binder_trace.h"
#include "include/uapi/linux/android/binder_netlink.h"

static const struct genl_multicast_group binder_netlink_groups[] = {
	{ .name = BINDER_MCGRP_REPORT },
};

static struct genl_family binder_netlink_family __ro_after_init = {
	.name = BINDER_NAME_STR,
	.version = BINDER_FAMILY_VERSION,
	.maxattr = BINDER_A_REPORT_MAX,
	.mcgrps = binder_netlink_groups,
	.n_mcgrps = ARRAY_SIZE(binder_netlink_groups),
	.module = THIS_MODULE,
};

/* The family is ours; else its group would be somebody else's. */
static bool binder_netlink_registered __ro_after_init;

/**
 * binder_netlink_init() - register the family
 *
 * Return: 0, also when a driver built into the kernel has the name; or a
 * negative errno.
 */
int binder_netlink_init(void)
{
	int ret = genl_register_family(&binder_netlink_family);

	if (ret == -EEXIST) {
		pr_warn("this kernel has a netlink family '%s' of its own (a built-in Binder driver): failed transactions are not reported there\n",
			BINDER_NAME_STR);
		return 0;
	}
	binder_netlink_registered = !ret;
	return ret;
}

/**
 * binder_netlink_exit() - end the family
 */
void binder_netlink_exit(void)
{
	if (binder_netlink_registered)
		genl_unregister_family(&binder_netlink_family);
}

/* The attributes; true when all of them fit. */
static bool binder_netlink_fill(struct sk_buff *skb, const char *context,
				const struct binder_report *report)
{
	/* The attribute is narrower than the field of the sender. */
	u32 data_size = min_t(u64, report->data_size, U32_MAX);

	return !nla_put_u32(skb, BINDER_A_REPORT_ERROR, report->error) &&
	       !nla_put_string(skb, BINDER_A_REPORT_CONTEXT, context) &&
	       !nla_put_u32(skb, BINDER_A_REPORT_FROM_PID, report->from_pid) &&
	       !nla_put_u32(skb, BINDER_A_REPORT_FROM_TID, report->from_tid) &&
	       (!report->to_pid ||
		!nla_put_u32(skb, BINDER_A_REPORT_TO_PID, report->to_pid)) &&
	       (!report->to_tid ||
		!nla_put_u32(skb, BINDER_A_REPORT_TO_TID, report->to_tid)) &&
	       (!report->is_reply ||
		!nla_put_flag(skb, BINDER_A_REPORT_IS_REPLY)) &&
	       !nla_put_u32(skb, BINDER_A_REPORT_FLAGS, report->flags) &&
	       !nla_put_u32(skb, BINDER_A_REPORT_CODE, report->code) &&
	       !nla_put_u32(skb, BINDER_A_REPORT_DATA_SIZE, data_size);
}

static void binder_netlink_send(const char *context,
				const struct binder_report *report)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *header;

	if (!skb)
		return;
	header = genlmsg_put(skb, 0, 0, &binder_netlink_family, 0,
			     BINDER_CMD_REPORT);
	if (!header || !binder_netlink_fill(skb, context, report)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, header);
	genlmsg_multicast(&binder_netlink_family, skb, 0, 0, GFP_KERNEL);
}

/**
 * binder_netlink_report() - tell listeners, and the trace, of a message
 * @context: name of the device
 * @report: what to tell
 *
 * May sleep. A report that cannot be made or sent is lost.
 */
void binder_netlink_report(const char *context,
			   const struct binder_report *report)
{
	trace_binder_netlink_report(context, report->error, report->from_pid,
				    report->from_tid, report->to_pid,
				    report->to_tid, report->is_reply,
				    report->flags, report->code,
				    report->data_size);
	if (binder_netlink_registered &&
	    genl_has_listeners(&binder_netlink_family, &init_net, 0))
		binder_netlink_send(context, report);
}
