/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The area that one open file maps: its address_space, its only VMA, page
 * faults.
 *
 * Each file has an address_space of its own, but no inode: all have the same host,
 * as there is nothing to look up in it. A page table entry is made by the receiver
 * itself, in its own ioctl or in a fault, and removed through the address_space,
 * whoever the remover is. So no task ever needs another one's mm, and munmap(),
 * mremap(), exit and fork are the business of the kernel, as with any mapped file.
 *
 * The structure is defined in binder_slot.h. It is set up at open, mapped at
 * most once, and drained when neither a VMA (the file is released) nor a buffer
 * is left; its memory belongs to whoever embeds it.
 */
#ifndef _BINDER_MAPPING_H
#define _BINDER_MAPPING_H

#include <linux/types.h>

struct binder_mapping;
struct file;
struct vm_area_struct;

int binder_mapping_init_subsystem(void);
void binder_mapping_exit_subsystem(void);

void binder_mapping_init(struct binder_mapping *mapping, struct file *filp,
			 void (*release)(struct binder_mapping *mapping));
int binder_mapping_mmap(struct binder_mapping *mapping, struct vm_area_struct *vma, u32 max_size,
			void (*unmapped)(void *user), void *user);
void binder_mapping_publish(struct binder_mapping *mapping);
bool binder_mapping_is_mapped(struct binder_mapping *mapping);
void binder_mapping_prefault(struct binder_mapping *mapping, unsigned int first, unsigned int nr);
void binder_mapping_drain(struct binder_mapping *mapping);

#endif /* _BINDER_MAPPING_H */
