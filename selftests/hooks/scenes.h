/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Races between delivery, faults and reclaim, each acted out in its one order that
 * needs a certain rule of the driver. What the receiver ends up seeing is compared
 * with what was sent.
 */
#ifndef HOOKS_SCENES_H
#define HOOKS_SCENES_H

struct scene {
	const char *name;
	const char *rule;		/* the defect it was made for */
	const char *others;		/* those that show in it as well */
	const char *(*act)(void);	/* "right", or what is wrong */
};

extern const struct scene scenes[];
extern const int nr_scenes;

#endif /* HOOKS_SCENES_H */
