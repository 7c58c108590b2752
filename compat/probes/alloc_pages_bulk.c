// SPDX-License-Identifier: GPL-2.0-only
/* Does alloc_pages_bulk() fill an array (6.14)? */
#include <linux/gfp.h>

unsigned long probe(struct page **pages);

unsigned long probe(struct page **pages)
{
	return alloc_pages_bulk(GFP_KERNEL, 4, pages);
}
