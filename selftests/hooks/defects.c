// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each rule broken on purpose shows in the scene that needs it, at once; and the
 * scene shows nothing else. Runs last: the counts of a broken driver are off.
 */
#include "hooks_test.h"
#include "scenes.h"

HOOKS_FIXTURE(defect);

FIXTURE_VARIANT(defect) {
	int scene;
};

FIXTURE_VARIANT_ADD(defect, no_cancel_before_unmapping) { .scene = 0 };
FIXTURE_VARIANT_ADD(defect, no_cancel_before_taking) { .scene = 1 };
FIXTURE_VARIANT_ADD(defect, no_unmap) { .scene = 2 };
FIXTURE_VARIANT_ADD(defect, no_pin) { .scene = 3 };
FIXTURE_VARIANT_ADD(defect, no_exclusion) { .scene = 4 };

TEST_F(defect, is_seen)
{
	const struct scene *scene = &scenes[variant->scene];

	for (int i = 0; i < 3; i++) {
		const char *verdict;

		break_rules("");
		ASSERT_STREQ("right", scene->act());
		peers_end();
		await_no_pages();
		break_rules(scene->rule);
		verdict = scene->act();
		TH_LOG("%s with %s: %s", scene->name, scene->rule, verdict);
		ASSERT_STRNE("right", verdict);
		break_rules("");
		peers_end();
		await_no_pages();
	}
}

/* Scenes that do not need the rule take no notice. */
TEST_F(defect, does_not_show_elsewhere)
{
	const struct scene *broken = &scenes[variant->scene];

	for (int i = 0; i < nr_scenes; i++) {
		if (!strcmp(scenes[i].rule, broken->rule) ||
		    strstr(scenes[i].others, broken->rule))
			continue;
		break_rules(broken->rule);
		ASSERT_STREQ("right", scenes[i].act()) {
			TH_LOG("%s with %s", scenes[i].name, broken->rule);
		}
		break_rules("");
		peers_end();
		await_no_pages();
	}
}

TEST_HARNESS_MAIN
