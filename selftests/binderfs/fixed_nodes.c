// SPDX-License-Identifier: GPL-2.0-only
/*
 * What redroid does where there is no binderfs: six devices by the parameter, open
 * to all, one bound into each container. For a module that was loaded with
 * devices=binder1,binder2,binder3,binder4,binder5,binder6.
 */
#include <errno.h>
#include <sys/stat.h>

#include "container.h"
#include "kselftest_harness.h"

#define NR_NODES 6

FIXTURE(fixed_nodes)
{
	struct container containers[NR_NODES];
	char nodes[NR_NODES][32];
};

FIXTURE_SETUP(fixed_nodes)
{
	for (int i = 0; i < NR_NODES; i++) {
		struct container *c = &self->containers[i];

		snprintf(self->nodes[i], sizeof(self->nodes[i]), "/dev/binder%d", i + 1);
		ASSERT_EQ(0, chmod(self->nodes[i], 0666));
		*c = (struct container){ .dir = new_dir(), .node = self->nodes[i] };
		start_container(c, CALLED);
	}
	for (int i = 0; i < NR_NODES; i++)
		await_stage(&self->containers[i], CALLED);
}

FIXTURE_TEARDOWN(fixed_nodes)
{
	for (int i = 0; i < NR_NODES; i++) {
		if (self->containers[i].init)
			kill_container(&self->containers[i]);
	}
	/* Nothing of them is left at the devices. */
	for (int i = 0; i < NR_NODES; i++) {
		struct bnd_conn client;

		ASSERT_EQ(0, open_client(&client, self->nodes[i]));
		EXPECT_TRUE(await_no_manager(&client));
		bnd_close(&client);
	}
}

TEST_F(fixed_nodes, each_container_has_its_own)
{
	struct bnd_conn client;
	int handle;

	/* Inside it is called binder; outside it is the numbered one. */
	for (int i = 0; i < NR_NODES; i++) {
		ASSERT_EQ(0, open_client(&client, inside(&self->containers[i], "binder")));
		handle = find_service(&client);
		EXPECT_LT(0, handle);
		EXPECT_EQ(0, call_service(&client, handle, ECHO));
		bnd_close(&client);
		ASSERT_EQ(0, open_client(&client, self->nodes[i]));
		EXPECT_LT(0, find_service(&client));
		bnd_close(&client);
	}
}

TEST_F(fixed_nodes, one_that_dies_leaves_its_node_to_the_next)
{
	struct container *c = &self->containers[2];
	struct bnd_conn other, client;

	ASSERT_EQ(0, open_client(&other, self->nodes[3]));
	ASSERT_EQ(0, open_client(&client, self->nodes[2]));
	kill_container(c);
	EXPECT_LT(0, find_service(&other));
	EXPECT_TRUE(await_no_manager(&client));
	start_container(c, CALLED);
	await_stage(c, CALLED);
	EXPECT_LT(0, find_service(&client));
	bnd_close(&client);
	bnd_close(&other);
}

TEST_HARNESS_MAIN
