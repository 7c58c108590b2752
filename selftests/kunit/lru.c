// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of the states of a slot (binder_slot.h), its queue, and reclaim, which
 * includes this file in builds with BINDER_WITH_KUNIT. They run when the module is loaded
 * into a kernel with KUnit.
 *
 * The areas here have slots and pages, but no file, no receiver and no page table entries.
 */
#include <kunit/test.h>
#include <linux/prandom.h>

/* Some whole chunks and a piece; more than are isolated at once. */
#define NR_SLOTS	(8 * BINDER_SLOTS_PER_CHUNK + 5)
#define NR_STEPS	20000
/* Not so with pages of 64 KiB. */
static_assert(NR_SLOTS <= MAX_SLOTS);

/**
 * struct area - an area of a test
 * @mapping: the area
 * @nr_released: how often it was released
 */
struct area {
	struct binder_mapping mapping;
	unsigned int nr_released;
};

static void release_area(struct binder_mapping *mapping)
{
	container_of(mapping, struct area, mapping)->nr_released++;
}

static struct binder_mapping *make_area(struct kunit *test)
{
	struct area *area = kunit_kzalloc(test, sizeof(*area), GFP_KERNEL);
	struct binder_mapping *mapping;

	KUNIT_ASSERT_NOT_NULL(test, area);
	mapping = &area->mapping;
	mapping->chunk = kunit_kzalloc(test, DIV_ROUND_UP(NR_SLOTS, BINDER_SLOTS_PER_CHUNK) *
				       sizeof(*mapping->chunk), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mapping->chunk);
	mapping->nr_slots = NR_SLOTS;
	spin_lock_init(&mapping->lock);
	mutex_init(&mapping->reclaim_mutex);
	INIT_LIST_HEAD(&mapping->lru_link);
	refcount_set(&mapping->ref, 1);
	mapping->release = release_area;
	mapping->tgid = task_tgid(current);
	KUNIT_EXPECT_FALSE(test, binder_page_has_slots(mapping, 0, NR_SLOTS));
	KUNIT_ASSERT_EQ(test, binder_page_add_slots(mapping, 0, NR_SLOTS), 0);
	KUNIT_EXPECT_TRUE(test, binder_page_has_slots(mapping, 0, NR_SLOTS));
	return mapping;
}

/* All uses of all areas ended: reclaim has to find each page, and nothing is left to count. */
static void end_area(struct kunit *test, struct binder_mapping *mapping)
{
	unsigned int i;

	binder_lru_reclaim_all(mapping);
	KUNIT_EXPECT_EQ(test, mapping->nr_pages, 0);
	KUNIT_EXPECT_EQ(test, mapping->nr_idle, 0);
	KUNIT_EXPECT_EQ(test, mapping->queue_head, 0);
	KUNIT_EXPECT_EQ(test, mapping->queue_tail, 0);
	KUNIT_EXPECT_EQ(test, binder_page_count_idle(), 0);
	for (i = 0; i < NR_SLOTS; i++) {
		KUNIT_EXPECT_NULL(test, binder_slot(mapping, i)->page);
		KUNIT_EXPECT_EQ(test, binder_slot(mapping, i)->state, 0);
	}
	for (i = 0; i < DIV_ROUND_UP(NR_SLOTS, BINDER_SLOTS_PER_CHUNK); i++)
		kfree(mapping->chunk[i]);
}

static unsigned int get(struct binder_mapping *mapping, unsigned int first, unsigned int nr)
{
	unsigned int missing;
	u32 common = ~0;

	spin_lock(&mapping->lock);
	missing = binder_page_get_locked(mapping, first, nr, &common);
	spin_unlock(&mapping->lock);
	return missing;
}

static void put(struct binder_mapping *mapping, unsigned int first, unsigned int nr)
{
	spin_lock(&mapping->lock);
	binder_page_put_locked(mapping, first, nr);
	spin_unlock(&mapping->lock);
}

/* Pages that were used once. */
static void make_idle(struct kunit *test, struct binder_mapping *mapping, unsigned int first,
		      unsigned int nr)
{
	KUNIT_EXPECT_EQ(test, get(mapping, first, nr), nr);
	KUNIT_ASSERT_EQ(test, binder_page_fill(mapping, first, nr), 0);
	put(mapping, first, nr);
}

static unsigned long reclaim(struct binder_mapping *mapping, unsigned long nr)
{
	unsigned long walked = 0, freed;

	mutex_lock(&mapping->reclaim_mutex);
	freed = reclaim_mapping(mapping, nr, &walked);
	mutex_unlock(&mapping->reclaim_mutex);
	return freed;
}

static bool has_page(struct binder_mapping *mapping, unsigned int index)
{
	return binder_slot(mapping, index)->page;
}

/* Empty, filled, live, idle, live again, idle, and empty. */
static void a_slot_goes_through_its_states(struct kunit *test)
{
	struct binder_mapping *mapping = make_area(test);
	struct binder_slot *slot = binder_slot(mapping, 3);
	struct page *page;

	KUNIT_EXPECT_EQ(test, get(mapping, 3, 1), 1);
	KUNIT_EXPECT_EQ(test, slot->state, BINDER_SLOT_USER);
	KUNIT_EXPECT_NULL(test, slot->page);
	KUNIT_ASSERT_EQ(test, binder_page_fill(mapping, 3, 1), 0);
	page = slot->page;
	KUNIT_EXPECT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, mapping->nr_pages, 1);
	KUNIT_EXPECT_EQ(test, mapping->high_slot, 4);
	KUNIT_EXPECT_EQ(test, mapping->nr_idle, 0);
	KUNIT_EXPECT_EQ(test, slot->next, 0);
	KUNIT_EXPECT_EQ(test, reclaim(mapping, 1), 0);

	put(mapping, 3, 1);
	KUNIT_EXPECT_EQ(test, slot->state, 0);
	KUNIT_EXPECT_EQ(test, slot->next, BINDER_SLOT_LAST);
	KUNIT_EXPECT_EQ(test, mapping->nr_idle, 1);

	KUNIT_EXPECT_EQ(test, get(mapping, 3, 1), 0);
	KUNIT_EXPECT_PTR_EQ(test, slot->page, page);
	KUNIT_EXPECT_EQ(test, mapping->nr_idle, 0);
	put(mapping, 3, 1);
	KUNIT_EXPECT_EQ(test, slot->state, BINDER_SLOT_AGAIN);

	KUNIT_EXPECT_EQ(test, reclaim(mapping, 1), 1);
	KUNIT_EXPECT_NULL(test, slot->page);
	KUNIT_EXPECT_EQ(test, mapping->nr_reclaimed, 1);
	end_area(test, mapping);
}

/* A message that could not get its pages leaves nothing. */
static void a_slot_without_a_page_is_not_queued(struct kunit *test)
{
	struct binder_mapping *mapping = make_area(test);

	KUNIT_EXPECT_EQ(test, get(mapping, 30, 4), 4);
	put(mapping, 30, 4);
	KUNIT_EXPECT_EQ(test, mapping->queue_head, 0);
	KUNIT_EXPECT_EQ(test, mapping->nr_idle, 0);
	end_area(test, mapping);
}

/* Two messages share a page: the first fill counts, the last put. */
static void a_slot_has_many_users(struct kunit *test)
{
	struct binder_mapping *mapping = make_area(test);
	struct page *page;

	KUNIT_EXPECT_EQ(test, get(mapping, 0, 2), 2);
	KUNIT_EXPECT_EQ(test, get(mapping, 1, 2), 2);
	KUNIT_ASSERT_EQ(test, binder_page_fill(mapping, 0, 2), 0);
	page = binder_slot(mapping, 1)->page;
	KUNIT_ASSERT_EQ(test, binder_page_fill(mapping, 1, 2), 0);
	KUNIT_EXPECT_PTR_EQ(test, binder_slot(mapping, 1)->page, page);
	KUNIT_EXPECT_EQ(test, mapping->nr_pages, 3);
	put(mapping, 0, 2);
	KUNIT_EXPECT_EQ(test, mapping->nr_idle, 1);
	KUNIT_EXPECT_EQ(test, reclaim(mapping, 10), 1);
	KUNIT_EXPECT_TRUE(test, has_page(mapping, 1));
	put(mapping, 1, 2);
	KUNIT_EXPECT_EQ(test, mapping->nr_idle, 2);
	end_area(test, mapping);
}

static void the_oldest_is_taken_first(struct kunit *test)
{
	struct binder_mapping *mapping = make_area(test);
	static const unsigned int order[] = { 7, 100, 0, 31, 32 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(order); i++)
		make_idle(test, mapping, order[i], 1);
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		KUNIT_EXPECT_TRUE(test, has_page(mapping, order[i]));
		KUNIT_EXPECT_EQ(test, reclaim(mapping, 1), 1);
		KUNIT_EXPECT_FALSE(test, has_page(mapping, order[i]));
	}
	end_area(test, mapping);
}

static void used_again_is_spared_once(struct kunit *test)
{
	struct binder_mapping *mapping = make_area(test);

	make_idle(test, mapping, 5, 1);
	make_idle(test, mapping, 6, 1);
	get(mapping, 5, 1);
	put(mapping, 5, 1);
	KUNIT_EXPECT_EQ(test, reclaim(mapping, 1), 1);
	KUNIT_EXPECT_TRUE(test, has_page(mapping, 5));
	KUNIT_EXPECT_FALSE(test, has_page(mapping, 6));
	KUNIT_EXPECT_EQ(test, reclaim(mapping, 1), 1);
	KUNIT_EXPECT_FALSE(test, has_page(mapping, 5));
	end_area(test, mapping);
}

/* It stays queued while it is used, and leaves when somebody walks by. */
static void in_use_leaves_the_queue(struct kunit *test)
{
	struct binder_mapping *mapping = make_area(test);

	make_idle(test, mapping, 8, 1);
	KUNIT_EXPECT_EQ(test, get(mapping, 8, 1), 0);
	KUNIT_EXPECT_EQ(test, mapping->queue_head, 9);
	KUNIT_EXPECT_EQ(test, reclaim(mapping, 1), 0);
	KUNIT_EXPECT_EQ(test, mapping->queue_head, 0);
	KUNIT_EXPECT_TRUE(test, has_page(mapping, 8));
	put(mapping, 8, 1);
	KUNIT_EXPECT_EQ(test, mapping->queue_head, 9);
	KUNIT_EXPECT_EQ(test, binder_slot(mapping, 8)->state, 0);
	end_area(test, mapping);
}

static void use_cancels_reclaim(struct kunit *test)
{
	struct binder_mapping *mapping = make_area(test);
	struct batch *batch = kunit_kzalloc(test, sizeof(*batch), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, batch);
	make_idle(test, mapping, 40, 3);
	isolate(mapping, batch, 10);
	KUNIT_EXPECT_EQ(test, batch->nr_isolated, 3);
	KUNIT_EXPECT_EQ(test, binder_slot(mapping, 41)->state, BINDER_SLOT_RECLAIM);
	KUNIT_EXPECT_EQ(test, mapping->nr_idle, 3);
	/* One is in use when reclaim comes back, one is idle again. */
	KUNIT_EXPECT_EQ(test, get(mapping, 40, 2), 0);
	put(mapping, 40, 1);
	commit(mapping, batch);
	KUNIT_EXPECT_EQ(test, batch->nr_pages, 1);
	put_page(batch->pages[0]);
	KUNIT_EXPECT_TRUE(test, has_page(mapping, 40));
	KUNIT_EXPECT_TRUE(test, has_page(mapping, 41));
	KUNIT_EXPECT_FALSE(test, has_page(mapping, 42));
	KUNIT_EXPECT_EQ(test, mapping->nr_reclaims_cancelled, 2);
	KUNIT_EXPECT_EQ(test, mapping->nr_idle, 1);
	put(mapping, 41, 1);
	KUNIT_EXPECT_EQ(test, mapping->nr_idle, 2);
	end_area(test, mapping);
}

/* No hold of the lock isolates or walks more than a batch. */
static void a_batch_is_bounded(struct kunit *test)
{
	struct binder_mapping *mapping = make_area(test);
	struct batch *batch = kunit_kzalloc(test, sizeof(*batch), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, batch);
	make_idle(test, mapping, 0, BINDER_SLOT_BATCH);
	make_idle(test, mapping, BINDER_SLOT_BATCH, BINDER_SLOT_BATCH);
	/* The older ones are in use. */
	get(mapping, 0, BINDER_SLOT_BATCH);
	isolate(mapping, batch, NR_SLOTS);
	KUNIT_EXPECT_EQ(test, batch->nr_walked, BINDER_SLOT_BATCH);
	KUNIT_EXPECT_EQ(test, batch->nr_isolated, 0);
	KUNIT_EXPECT_EQ(test, reclaim(mapping, NR_SLOTS), BINDER_SLOT_BATCH);
	put(mapping, 0, BINDER_SLOT_BATCH);
	end_area(test, mapping);
}

#define BLOCK ((unsigned int)BIT(BINDER_BLOCK_MAX_ORDER))

/* Large messages get blocks where whole windows are theirs, and single pages around them. */
static void blocks_fill_windows(struct kunit *test)
{
	struct binder_mapping *mapping = make_area(test);
	unsigned int i;

	make_idle(test, mapping, BLOCK - 2, 2 * BLOCK + 4);
	for (i = 0; i < 2 * BLOCK + 4; i++) {
		struct binder_slot *slot = binder_slot(mapping, BLOCK - 2 + i);
		bool inside = i >= 2 && i < 2 + 2 * BLOCK;

		KUNIT_ASSERT_NOT_NULL(test, slot->page);
		KUNIT_EXPECT_EQ(test, slot->order, inside ? BINDER_BLOCK_MAX_ORDER : 0);
		if (inside)
			KUNIT_EXPECT_PTR_EQ(test, slot->page, compound_head(slot->page) +
					    (i - 2) % BLOCK);
	}
	KUNIT_EXPECT_EQ(test, mapping->nr_pages, 2 * BLOCK + 4);
	end_area(test, mapping);
}

/* One page that somebody else filled, and the window gets single pages. */
static void a_window_with_a_page_gets_no_block(struct kunit *test)
{
	struct binder_mapping *mapping = make_area(test);
	struct page *page;

	make_idle(test, mapping, 5, 1);
	page = binder_slot(mapping, 5)->page;
	KUNIT_EXPECT_EQ(test, get(mapping, 0, BLOCK), BLOCK - 1);
	KUNIT_ASSERT_EQ(test, binder_page_fill(mapping, 0, BLOCK), 0);
	KUNIT_EXPECT_PTR_EQ(test, binder_slot(mapping, 5)->page, page);
	KUNIT_EXPECT_EQ(test, binder_slot(mapping, 0)->order, 0);
	KUNIT_EXPECT_EQ(test, mapping->nr_pages, BLOCK);
	put(mapping, 0, BLOCK);
	end_area(test, mapping);
}

/*
 * A block is reclaimed as a whole: a user of one page keeps all, and brings it back. To the
 * kernel a walk that frees nothing is no reason to stop; where nothing is left to walk is.
 */
static void a_block_waits_for_its_last_user(struct kunit *test)
{
	struct shrink_control sc = { .nr_to_scan = NR_SLOTS };
	struct binder_mapping *mapping = make_area(test);

	binder_lru_add(mapping);
	KUNIT_EXPECT_EQ(test, count_objects(NULL, &sc), SHRINK_EMPTY);
	make_idle(test, mapping, 0, BLOCK);
	get(mapping, 3, 1);
	KUNIT_EXPECT_EQ(test, count_objects(NULL, &sc), BLOCK - 1);
	KUNIT_EXPECT_EQ(test, scan_objects(NULL, &sc), 0);
	KUNIT_EXPECT_EQ(test, sc.nr_scanned, BLOCK);
	KUNIT_EXPECT_EQ(test, mapping->queue_head, 0);
	KUNIT_EXPECT_TRUE(test, has_page(mapping, 0));
	KUNIT_EXPECT_EQ(test, scan_objects(NULL, &sc), SHRINK_STOP);
	put(mapping, 3, 1);
	KUNIT_EXPECT_EQ(test, mapping->queue_head, 4);
	sc.nr_to_scan = 1;
	KUNIT_EXPECT_EQ(test, scan_objects(NULL, &sc), BLOCK);
	KUNIT_EXPECT_EQ(test, sc.nr_scanned, BLOCK);
	KUNIT_EXPECT_FALSE(test, has_page(mapping, 0));
	KUNIT_EXPECT_EQ(test, binder_slot(mapping, 0)->order, 0);
	binder_lru_remove(mapping);
	end_area(test, mapping);
}

static void a_block_used_again_is_spared_once(struct kunit *test)
{
	struct binder_mapping *mapping = make_area(test);

	make_idle(test, mapping, 0, BLOCK);
	make_idle(test, mapping, 2 * BLOCK, 1);
	get(mapping, 7, 1);
	put(mapping, 7, 1);
	KUNIT_EXPECT_EQ(test, reclaim(mapping, 1), 1);
	KUNIT_EXPECT_FALSE(test, has_page(mapping, 2 * BLOCK));
	KUNIT_EXPECT_EQ(test, reclaim(mapping, 1), BLOCK);
	end_area(test, mapping);
}

/* Used between isolating and committing, one page keeps the block, and it can be found. */
static void use_cancels_reclaim_of_a_block(struct kunit *test)
{
	struct binder_mapping *mapping = make_area(test);
	struct batch *batch = kunit_kzalloc(test, sizeof(*batch), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, batch);
	make_idle(test, mapping, 0, BLOCK);
	make_idle(test, mapping, BLOCK, BLOCK);
	isolate(mapping, batch, NR_SLOTS);
	KUNIT_EXPECT_EQ(test, batch->nr_isolated, 2 * BLOCK);
	get(mapping, 9, 1);
	put(mapping, 9, 1);
	commit(mapping, batch);
	KUNIT_EXPECT_EQ(test, batch->nr_pages, 1);
	KUNIT_EXPECT_EQ(test, batch->nr_taken, BLOCK);
	put_page(batch->pages[0]);
	KUNIT_EXPECT_TRUE(test, has_page(mapping, 0));
	KUNIT_EXPECT_EQ(test, binder_slot(mapping, 0)->state, 0);
	KUNIT_EXPECT_FALSE(test, has_page(mapping, BLOCK));
	KUNIT_EXPECT_EQ(test, mapping->nr_reclaims_cancelled, BLOCK);
	KUNIT_EXPECT_EQ(test, mapping->nr_idle, BLOCK);
	end_area(test, mapping);
}

/* Copies go over the borders of pages and of chunks. */
static void copies_cross_pages(struct kunit *test)
{
	struct binder_mapping *mapping = make_area(test);
	unsigned int first = BINDER_SLOTS_PER_CHUNK - 1;
	u32 offset = (first + 1) * PAGE_SIZE - 5;
	char text[11] = "0123456789", back[11] = { };

	get(mapping, first, 2);
	KUNIT_ASSERT_EQ(test, binder_page_fill(mapping, first, 2), 0);
	binder_page_write(mapping, offset, text, sizeof(text));
	binder_page_read(mapping, offset, back, sizeof(back));
	KUNIT_EXPECT_STREQ(test, back, text);
	binder_page_zero(mapping, offset + 3, 4);
	memset(text + 3, 0, 4);
	binder_page_read(mapping, offset, back, sizeof(back));
	KUNIT_EXPECT_MEMEQ(test, back, text, sizeof(back));
	put(mapping, first, 2);
	end_area(test, mapping);
}

/* One slot of the reference that the next test compares with. */
struct wanted {
	unsigned int users;
	bool page;
};

/* What is idle, as a whole if it is a block, is queued; so is some slot of the block. */
static bool can_be_found(struct binder_mapping *mapping, unsigned int index)
{
	unsigned int nr = 1U << binder_slot(mapping, index)->order, i;
	struct binder_slot *slot = binder_slot(mapping, round_down(index, nr));

	for (i = 0; i < nr; i++)
		if (slot[i].next || slot[i].state >= BINDER_SLOT_USER)
			return true;
	return false;
}

static void compare(struct kunit *test, struct binder_mapping *mapping, struct wanted *wanted)
{
	unsigned int i, next, idle = 0, pages = 0, queued = 0;

	for (i = 0; i < NR_SLOTS; i++) {
		struct binder_slot *slot = binder_slot(mapping, i);

		KUNIT_ASSERT_EQ(test, slot->state / BINDER_SLOT_USER, wanted[i].users);
		KUNIT_ASSERT_EQ(test, !!slot->page, wanted[i].page);
		idle += wanted[i].page && !wanted[i].users;
		pages += wanted[i].page;
		queued += !!slot->next;
		KUNIT_ASSERT_TRUE(test, !wanted[i].page || can_be_found(mapping, i));
	}
	KUNIT_ASSERT_EQ(test, mapping->nr_idle, idle);
	KUNIT_ASSERT_EQ(test, mapping->nr_pages, pages);
	for (next = mapping->queue_head; next && next != BINDER_SLOT_LAST; queued--) {
		KUNIT_ASSERT_GT(test, queued, 0);
		next = binder_slot(mapping, next - 1)->next;
	}
	KUNIT_ASSERT_EQ(test, queued, 0);
}

/* Any order of steps does what a table of users and pages says. */
static void steps_in_any_order(struct kunit *test)
{
	struct binder_mapping *mapping = make_area(test);
	struct wanted *wanted = kunit_kcalloc(test, NR_SLOTS, sizeof(*wanted), GFP_KERNEL);
	unsigned int step, i, first, nr, missing;
	struct rnd_state random;

	KUNIT_ASSERT_NOT_NULL(test, wanted);
	prandom_seed_state(&random, 7);
	for (step = 0; step < NR_STEPS; step++) {
		first = prandom_u32_state(&random) % NR_SLOTS;
		/* Few pages mostly, a block or two sometimes. */
		nr = prandom_u32_state(&random) % (step % 8 ? 6 : 3 * BLOCK) + 1;
		nr = min(nr, NR_SLOTS - first);
		switch (prandom_u32_state(&random) % 8) {
		case 0 ... 2:
			for (i = first, missing = 0; i < first + nr; i++) {
				missing += !wanted[i].page;
				wanted[i].users++;
			}
			KUNIT_ASSERT_EQ(test, get(mapping, first, nr), missing);
			/* Sometimes there is no memory. */
			if (prandom_u32_state(&random) % 8 == 0)
				break;
			KUNIT_ASSERT_EQ(test, binder_page_fill(mapping, first, nr), 0);
			for (i = first; i < first + nr; i++)
				wanted[i].page = true;
			break;
		case 3 ... 6:
			for (i = first; i < first + nr; i++) {
				if (!wanted[i].users)
					continue;
				wanted[i].users--;
				put(mapping, i, 1);
			}
			break;
		default:
			nr = reclaim(mapping, nr);
			for (i = 0; i < NR_SLOTS; i++) {
				if (!wanted[i].page || has_page(mapping, i))
					continue;
				KUNIT_ASSERT_EQ(test, wanted[i].users, 0);
				wanted[i].page = false;
				nr--;
			}
			KUNIT_ASSERT_EQ(test, nr, 0);
		}
		if (step % 16 == 0)
			compare(test, mapping, wanted);
	}
	for (i = 0; i < NR_SLOTS; i++)
		while (wanted[i].users--)
			put(mapping, i, 1);
	end_area(test, mapping);
}

/* Areas take turns, and one that another reclaimer is at work on is left out. */
static void areas_take_turns(struct kunit *test)
{
	struct binder_mapping *mapping[3];
	unsigned long walked = 0;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		mapping[i] = make_area(test);
		make_idle(test, mapping[i], 0, 4);
		binder_lru_add(mapping[i]);
	}
	KUNIT_EXPECT_EQ(test, scan_mappings(4, &walked), 4);
	KUNIT_EXPECT_EQ(test, mapping[0]->nr_pages, 0);
	mutex_lock(&mapping[1]->reclaim_mutex);
	KUNIT_EXPECT_EQ(test, scan_mappings(4, &walked), 4);
	mutex_unlock(&mapping[1]->reclaim_mutex);
	KUNIT_EXPECT_EQ(test, mapping[1]->nr_pages, 4);
	KUNIT_EXPECT_EQ(test, mapping[2]->nr_pages, 0);
	KUNIT_EXPECT_EQ(test, scan_mappings(10, &walked), 4);
	KUNIT_EXPECT_EQ(test, scan_mappings(10, &walked), 0);
	for (i = 0; i < 3; i++) {
		binder_lru_remove(mapping[i]);
		/* A second time does no harm. */
		binder_lru_remove(mapping[i]);
		end_area(test, mapping[i]);
	}
	KUNIT_EXPECT_EQ(test, nr_mappings, 0);
}

/* Who lets go last releases: the owner, or reclaim through its workqueue. */
static void the_last_reference_releases(struct kunit *test)
{
	struct binder_mapping *mapping = make_area(test);
	struct area *area = container_of(mapping, struct area, mapping);
	unsigned int left = 1;

	make_idle(test, mapping, 0, 1);
	binder_lru_add(mapping);
	KUNIT_ASSERT_PTR_EQ(test, pin_next(&left), mapping);
	KUNIT_EXPECT_EQ(test, left, 0);
	unpin(mapping);
	KUNIT_EXPECT_EQ(test, refcount_read(&mapping->ref), 1);

	left = 1;
	KUNIT_ASSERT_PTR_EQ(test, pin_next(&left), mapping);
	binder_lru_remove(mapping);
	binder_lru_put(mapping);
	KUNIT_EXPECT_EQ(test, area->nr_released, 0);
	unpin(mapping);
	flush_workqueue(release_wq);
	KUNIT_EXPECT_EQ(test, area->nr_released, 1);

	refcount_set(&mapping->ref, 1);
	binder_lru_put(mapping);
	KUNIT_EXPECT_EQ(test, area->nr_released, 2);
	end_area(test, mapping);
}

static struct kunit_case slot_cases[] = {
	KUNIT_CASE(a_slot_goes_through_its_states),
	KUNIT_CASE(a_slot_without_a_page_is_not_queued),
	KUNIT_CASE(a_slot_has_many_users),
	KUNIT_CASE(the_oldest_is_taken_first),
	KUNIT_CASE(used_again_is_spared_once),
	KUNIT_CASE(in_use_leaves_the_queue),
	KUNIT_CASE(use_cancels_reclaim),
	KUNIT_CASE(a_batch_is_bounded),
	KUNIT_CASE(blocks_fill_windows),
	KUNIT_CASE(a_window_with_a_page_gets_no_block),
	KUNIT_CASE(a_block_waits_for_its_last_user),
	KUNIT_CASE(a_block_used_again_is_spared_once),
	KUNIT_CASE(use_cancels_reclaim_of_a_block),
	KUNIT_CASE(copies_cross_pages),
	KUNIT_CASE(steps_in_any_order),
	KUNIT_CASE(areas_take_turns),
	KUNIT_CASE(the_last_reference_releases),
	{ }
};

static struct kunit_suite slot_suite = {
	.name = "binder_slots",
	.test_cases = slot_cases,
};

kunit_test_suites(&slot_suite);
