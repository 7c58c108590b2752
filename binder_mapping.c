// SPDX-License-Identifier: GPL-2.0-only
/*
 * The area of one open file: how it is mapped, how a page gets into the
 * receiver's page table, and how it all ends. See binder_mapping.h. Modelled in
 * models/slot.pml and models/area.pml.
 */
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/magic.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/pagemap.h>
#include <linux/pid.h>
#include <linux/pseudo_fs.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "binder_hooks.h"
#include "binder_mapping.h"
#include "binder_name.h"
#include "binder_page.h"

/* Pages mapped by one fault: the rest of an aligned window of this size. */
#define FAULT_WINDOW	16
/* Pages mapped at once. */
#define MAP_BATCH	32u

static struct vfsmount *pages_mnt;

static int pages_init_fs_context(struct fs_context *fc)
{
	return init_pseudo(fc, ANON_INODE_FS_MAGIC) ? 0 : -ENOMEM;
}

/* No .owner: the mount would pin the module for ever. */
static struct file_system_type pages_fs_type = {
	.name = BINDER_NAME_STR "_pages",
	.init_fs_context = pages_init_fs_context,
	.kill_sb = kill_anon_super,
};

/**
 * binder_mapping_init_subsystem() - make the file system whose root hosts the areas
 *
 * Return: 0 or a negative errno.
 */
int binder_mapping_init_subsystem(void)
{
	pages_mnt = kern_mount(&pages_fs_type);
	return PTR_ERR_OR_ZERO(pages_mnt);
}

/**
 * binder_mapping_exit_subsystem() - undo binder_mapping_init_subsystem()
 */
void binder_mapping_exit_subsystem(void)
{
	kern_unmount(pages_mnt);
}

/**
 * binder_mapping_init() - prepare a file for being mapped
 * @mapping: zeroed structure
 * @filp: the file being opened; its pages will be those of @mapping
 * @release: frees the structure that embeds @mapping
 *
 * The task has an address space.
 */
void binder_mapping_init(struct binder_mapping *mapping, struct file *filp,
			 void (*release)(struct binder_mapping *mapping))
{
	struct address_space *space = &mapping->address_space;

	spin_lock_init(&mapping->lock);
	mutex_init(&mapping->reclaim_mutex);
	INIT_LIST_HEAD(&mapping->lru_link);
	refcount_set(&mapping->ref, 1);
	mapping->release = release;
	mapping->mm = current->mm;
	mmgrab(mapping->mm);
	mapping->tgid = get_pid(task_tgid(current));
	address_space_init_once(space);
	init_rwsem(&space->invalidate_lock);
	/* The kernel looks at the host of each file, for its backing device. */
	space->host = d_inode(pages_mnt->mnt_root);
	space->a_ops = &empty_aops;
	mapping_set_gfp_mask(space, GFP_HIGHUSER_MOVABLE);
	filp->f_mapping = space;
}

/*
 * Collect slots to map, from @first on while they are neighbours, have a page
 * and are not mapped yet. The caller's buffer, or the use taken here for @pin,
 * keeps the pages until they are mapped. MAPPED is set first: whoever isolates
 * a slot later will know that there is something to unmap.
 */
static unsigned int collect_slots(struct binder_mapping *mapping, unsigned int first,
				  unsigned int end, struct page **pages, bool pin)
{
	unsigned int most = min(end - first, MAP_BATCH), nr;

	spin_lock(&mapping->lock);
	for (nr = 0; nr < most; nr++) {
		struct binder_slot *slot = binder_slot(mapping, first + nr);
		u32 state = slot->state;

		if (state < BINDER_SLOT_USER || !slot->page)
			break;
		/* The fault's own slot may have lost its entry to a zap. */
		if ((state & BINDER_SLOT_MAPPED) && !(pin && !nr))
			break;
		if (pin && !binder_hook_broken(BINDER_DEFECT_NO_PIN))
			state += BINDER_SLOT_USER;
		WRITE_ONCE(slot->state, state | BINDER_SLOT_MAPPED);
		pages[nr] = slot->page;
	}
	if (pin)
		mapping->nr_faults += nr;
	spin_unlock(&mapping->lock);
	return nr;
}

/* Map @nr pages at @addr, leaving alone those that are there already. */
static int insert_pages(struct vm_area_struct *vma, unsigned long addr, struct page **pages,
			unsigned long nr)
{
	while (nr) {
		unsigned long left = nr, done;
		int ret = vm_insert_pages(vma, addr, pages, &left);

		if (ret != -EBUSY || !left)
			return ret;
		done = nr - left + 1;
		pages += done;
		addr += done << PAGE_SHIFT;
		nr -= done;
	}
	return 0;
}

/* Does @addr show the slot that belongs there? Not so after some mremap(). */
static bool vma_shows_slot(struct vm_area_struct *vma, struct binder_mapping *mapping,
			   unsigned long addr, unsigned int index)
{
	return vma->vm_mm == mapping->mm &&
	       mapping->base + ((unsigned long)index << PAGE_SHIFT) == addr &&
	       linear_page_index(vma, addr) == mapping->pgoff + index;
}

static vm_fault_t binder_vm_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct binder_mapping *mapping = vma->vm_private_data;
	unsigned long addr = vmf->address & PAGE_MASK, index = vmf->pgoff - mapping->pgoff, end;
	struct page *pages[MAP_BATCH] __uninitialized;
	unsigned int nr;
	int ret;

	if (index >= mapping->nr_slots || !vma_shows_slot(vma, mapping, addr, index))
		return VM_FAULT_SIGBUS;
#ifdef CONFIG_HAVE_ARCH_USERFAULTFD_WP
	/* A marker in the page table would be found, and fault, again and again. */
	if (vma->vm_flags & VM_UFFD_WP)
		return VM_FAULT_SIGBUS;
#endif
	end = min3(round_down(index, FAULT_WINDOW) + FAULT_WINDOW, (unsigned long)mapping->nr_slots,
		   index + ((vma->vm_end - addr) >> PAGE_SHIFT));
	if (!binder_page_has_slots(mapping, index, 1))
		return VM_FAULT_SIGBUS;
	/* The window is aligned and no larger than a chunk: one test is enough. */
	BUILD_BUG_ON(BINDER_SLOTS_PER_CHUNK % FAULT_WINDOW || FAULT_WINDOW > MAP_BATCH);

	nr = collect_slots(mapping, index, end, pages, true);
	if (!nr)
		return VM_FAULT_SIGBUS;
	binder_hook_reach(BINDER_HOOK_FAULT);
	ret = insert_pages(vma, addr, pages, nr);
	if (!binder_hook_broken(BINDER_DEFECT_NO_PIN)) {
		spin_lock(&mapping->lock);
		binder_page_put_locked(mapping, index, nr);
		spin_unlock(&mapping->lock);
	}
	if (!ret || ret == -EBUSY)
		return VM_FAULT_NOPAGE;
	return ret == -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
}

/*
 * Only its presence counts: without it, kernels from 6.7 on do not call
 * ->fault under the VMA lock alone. Nothing can be mapped here, where a page
 * table cannot be allocated.
 */
static vm_fault_t binder_vm_map_pages(struct vm_fault *vmf, pgoff_t start, pgoff_t end)
{
	return 0;
}

/*
 * ABI: any close, also of a part or of a moved mapping, ends the area for good.
 * A child that got the VMA through MADV_DOFORK does not count.
 */
static void binder_vm_close(struct vm_area_struct *vma)
{
	struct binder_mapping *mapping = vma->vm_private_data;

	if (vma->vm_mm != mapping->mm || !mapping->mapped)
		return;
	WRITE_ONCE(mapping->mapped, false);
	mapping->unmapped(mapping->user);
}

static const struct vm_operations_struct binder_vm_ops = {
	.close = binder_vm_close,
	.fault = binder_vm_fault,
	.map_pages = binder_vm_map_pages,
};

/**
 * binder_mapping_mmap() - the opener maps the area
 * @mapping: the area
 * @vma: what the opener asks for
 * @max_size: bytes of the VMA that are used at most
 * @unmapped: called once when the mapping ends after binder_mapping_publish(),
 *	with the mmap_lock held and before the VMA drops its file
 * @user: its argument
 *
 * The area may be used by others after binder_mapping_publish().
 *
 * Return: 0, -EINVAL for a stranger, -EPERM for a writable mapping, -EBUSY if
 * there was a mapping before, -ENOMEM.
 */
int binder_mapping_mmap(struct binder_mapping *mapping, struct vm_area_struct *vma, u32 max_size,
			void (*unmapped)(void *user), void *user)
{
	unsigned long nr_slots = min(vma->vm_end - vma->vm_start, (unsigned long)max_size) >>
				 PAGE_SHIFT;

	/* A child of vfork() shares the mm but is not the opener. */
	if (task_tgid(current) != mapping->tgid)
		return -EINVAL;
	if (vma->vm_flags & VM_WRITE)
		return -EPERM;
	if (vma->vm_mm != mapping->mm)
		return -EINVAL;
	if (mapping->taken)
		return -EBUSY;

	mapping->chunk = kcalloc(DIV_ROUND_UP(nr_slots, BINDER_SLOTS_PER_CHUNK),
				 sizeof(*mapping->chunk), GFP_KERNEL_ACCOUNT);
	if (!mapping->chunk)
		return -ENOMEM;
	/* VM_MIXEDMAP: vm_insert_pages() cannot set it under a shared lock. */
	vm_flags_mod(vma, VM_DONTCOPY | VM_MIXEDMAP, VM_MAYWRITE);
	vma->vm_ops = &binder_vm_ops;
	vma->vm_private_data = mapping;
	mapping->base = vma->vm_start;
	mapping->pgoff = vma->vm_pgoff;
	mapping->nr_slots = nr_slots;
	mapping->unmapped = unmapped;
	mapping->user = user;
	mapping->taken = true;
	return 0;
}

/**
 * binder_mapping_publish() - let others use the area
 * @mapping: an area that binder_mapping_mmap() succeeded for
 */
void binder_mapping_publish(struct binder_mapping *mapping)
{
	/* Pairs with binder_mapping_is_mapped(). */
	smp_store_release(&mapping->mapped, true);
}

/**
 * binder_mapping_is_mapped() - may messages be put here?
 * @mapping: the area
 *
 * Return: true if the area was mapped and nobody unmapped or moved it. Then the
 * fields that binder_mapping_mmap() set, and what its caller set up before
 * binder_mapping_publish(), can be read.
 */
bool binder_mapping_is_mapped(struct binder_mapping *mapping)
{
	/* Pairs with binder_mapping_publish(). */
	return smp_load_acquire(&mapping->mapped);
}

/* Free the pages of a chunk, as many at once as it has. */
static void release_chunk(struct binder_slot_chunk *chunk)
{
	struct page *pages[BINDER_SLOTS_PER_CHUNK];
	unsigned int nr = 0, i;

	for (i = 0; i < BINDER_SLOTS_PER_CHUNK; i += 1U << chunk->slot[i].order)
		if (chunk->slot[i].page)
			pages[nr++] = chunk->slot[i].page;
	release_pages(pages, nr);
}

/**
 * binder_mapping_drain() - free all that an area has but the structure itself
 * @mapping: an area without users: no VMA, no buffer
 */
void binder_mapping_drain(struct binder_mapping *mapping)
{
	unsigned int nr_chunks = DIV_ROUND_UP(mapping->nr_slots, BINDER_SLOTS_PER_CHUNK);
	unsigned int i;

	if (!mapping->mm)
		return;
	WARN_ON_ONCE(mapping_mapped(&mapping->address_space) ||
		     !mapping_empty(&mapping->address_space));
	/* A reclaimer may be at work; later ones find the queue empty. */
	mutex_lock(&mapping->reclaim_mutex);
	for (i = 0; i < nr_chunks; i++)
		if (mapping->chunk[i])
			release_chunk(mapping->chunk[i]);
	spin_lock(&mapping->lock);
	binder_page_add_idle(-(long)mapping->nr_idle);
	mapping->nr_idle = 0;
	mapping->nr_pages = 0;
	mapping->queue_head = 0;
	mapping->queue_tail = 0;
	spin_unlock(&mapping->lock);
	mutex_unlock(&mapping->reclaim_mutex);

	for (i = 0; i < nr_chunks; i++)
		kfree(mapping->chunk[i]);
	kfree(mapping->chunk);
	mapping->chunk = NULL;
	mmdrop(mapping->mm);
	mapping->mm = NULL;
	/* Debug lines may still name it: the process, which alone maps its area, pins the same. */
	put_pid(mapping->tgid);
}

/*
 * Is a slot mapped, whose use nobody may end before this returns? MAPPED is
 * cleared only when a page has no users, and set under the lock: what is read
 * here is true or will be found true under the lock.
 */
static bool is_slot_mapped(struct binder_mapping *mapping, unsigned int index)
{
	return READ_ONCE(binder_slot(mapping, index)->state) & BINDER_SLOT_MAPPED;
}

static noinline void count_skipped_prefault(struct binder_mapping *mapping)
{
	spin_lock(&mapping->lock);
	mapping->nr_prefaults_skipped++;
	spin_unlock(&mapping->lock);
}

/**
 * binder_mapping_prefault() - map pages before the receiver touches them
 * @mapping: the area
 * @first: index of the first page
 * @nr: number of pages, all filled and in use; nobody may end that use before
 *	this returns
 *
 * Does nothing if it would have to wait, or in another address space: a fault
 * will do the same later.
 */
void binder_mapping_prefault(struct binder_mapping *mapping, unsigned int first, unsigned int nr)
{
	struct page *pages[MAP_BATCH] __uninitialized;
	struct vm_area_struct *vma;
	unsigned int end = first + nr;
	unsigned long addr;

	while (is_slot_mapped(mapping, first))
		if (++first == end)
			return;
	if (current->mm != mapping->mm || !mmap_read_trylock(mapping->mm)) {
		count_skipped_prefault(mapping);
		return;
	}
	addr = mapping->base + ((unsigned long)first << PAGE_SHIFT);
	vma = vma_lookup(mapping->mm, addr);
	if (vma && vma->vm_ops == &binder_vm_ops && vma->vm_private_data == mapping &&
	    vma_shows_slot(vma, mapping, addr, first)) {
		end = min_t(unsigned long, end, first + ((vma->vm_end - addr) >> PAGE_SHIFT));
		while (first < end) {
			nr = collect_slots(mapping, first, end, pages, false);
			if (nr) {
				binder_hook_reach(BINDER_HOOK_PREFAULT);
				addr = mapping->base + ((unsigned long)first << PAGE_SHIFT);
				if (insert_pages(vma, addr, pages, nr))
					break;
			}
			/* Where a collection ended early, the slot was mapped already. */
			first += max(nr, 1u);
		}
	}
	mmap_read_unlock(mapping->mm);
}
