// SPDX-License-Identifier: GPL-2.0-only
/*
 * What tracefs says about the events: names, C types, signs and sizes of the
 * fields, by which Perfetto finds them, and the texts that scripts parse.
 */
#include <stdio.h>

#include "trace_test.h"

PROTOCOL_FIXTURE(formats);

FIXTURE_VARIANT(formats) {
	const char *event;
	const char *fields;	/* type name; type name */
	const char *print;	/* the text, before its arguments */
	bool only_ours;		/* the in-tree driver of 6.12 does not have it */
};

#define BUFFER "int debug_id; size_t data_size; size_t offsets_size; size_t extra_buffers_size"
#define SIZES "transaction=%d data_size=%zd offsets_size=%zd extra_buffers_size=%zd"
#define PAGE "int proc; size_t page_index"
#define PAGE_TEXT "proc=%d page_index=%zu"

FIXTURE_VARIANT_ADD(formats, binder_ioctl) {
	.event = "binder_ioctl",
	.fields = "unsigned int cmd; unsigned long arg",
	.print = "cmd=0x%x arg=0x%lx",
};

FIXTURE_VARIANT_ADD(formats, binder_ioctl_done) {
	.event = "binder_ioctl_done",
	.fields = "int ret",
	.print = "ret=%d",
};

FIXTURE_VARIANT_ADD(formats, binder_write_done) {
	.event = "binder_write_done",
	.fields = "int ret",
	.print = "ret=%d",
};

FIXTURE_VARIANT_ADD(formats, binder_read_done) {
	.event = "binder_read_done",
	.fields = "int ret",
	.print = "ret=%d",
};

FIXTURE_VARIANT_ADD(formats, binder_wait_for_work) {
	.event = "binder_wait_for_work",
	.fields = "bool proc_work; bool transaction_stack; bool thread_todo",
	.print = "proc_work=%d transaction_stack=%d thread_todo=%d",
};

FIXTURE_VARIANT_ADD(formats, binder_command) {
	.event = "binder_command",
	.fields = "uint32_t cmd",
	.print = "cmd=0x%x %s",
};

FIXTURE_VARIANT_ADD(formats, binder_return) {
	.event = "binder_return",
	.fields = "uint32_t cmd",
	.print = "cmd=0x%x %s",
};

FIXTURE_VARIANT_ADD(formats, binder_transaction) {
	.event = "binder_transaction",
	.fields = "int debug_id; int target_node; int to_proc; int to_thread; int reply; "
		  "unsigned int code; unsigned int flags",
	.print = "transaction=%d dest_node=%d dest_proc=%d dest_thread=%d reply=%d "
		 "flags=0x%x code=0x%x",
};

FIXTURE_VARIANT_ADD(formats, binder_transaction_received) {
	.event = "binder_transaction_received",
	.fields = "int debug_id",
	.print = "transaction=%d",
};

FIXTURE_VARIANT_ADD(formats, binder_txn_latency_free) {
	.event = "binder_txn_latency_free",
	.fields = "int debug_id; int from_proc; int from_thread; int to_proc; "
		  "int to_thread; unsigned int code; unsigned int flags",
	.print = "transaction=%d from %d:%d to %d:%d flags=0x%x code=0x%x",
};

FIXTURE_VARIANT_ADD(formats, binder_transaction_node_to_ref) {
	.event = "binder_transaction_node_to_ref",
	.fields = "int debug_id; int node_debug_id; binder_uintptr_t node_ptr; "
		  "int ref_debug_id; uint32_t ref_desc",
	.print = "transaction=%d node=%d src_ptr=0x%016llx ==> dest_ref=%d dest_desc=%d",
};

FIXTURE_VARIANT_ADD(formats, binder_transaction_ref_to_node) {
	.event = "binder_transaction_ref_to_node",
	.fields = "int debug_id; int ref_debug_id; uint32_t ref_desc; int node_debug_id; "
		  "binder_uintptr_t node_ptr",
	.print = "transaction=%d node=%d src_ref=%d src_desc=%d ==> dest_ptr=0x%016llx",
};

FIXTURE_VARIANT_ADD(formats, binder_transaction_ref_to_ref) {
	.event = "binder_transaction_ref_to_ref",
	.fields = "int debug_id; int node_debug_id; int src_ref_debug_id; "
		  "uint32_t src_ref_desc; int dest_ref_debug_id; uint32_t dest_ref_desc",
	.print = "transaction=%d node=%d src_ref=%d src_desc=%d ==> dest_ref=%d dest_desc=%d",
};

FIXTURE_VARIANT_ADD(formats, binder_transaction_fd_send) {
	.event = "binder_transaction_fd_send",
	.fields = "int debug_id; int fd; size_t offset",
	.print = "transaction=%d src_fd=%d offset=%zu",
};

FIXTURE_VARIANT_ADD(formats, binder_transaction_fd_recv) {
	.event = "binder_transaction_fd_recv",
	.fields = "int debug_id; int fd; size_t offset",
	.print = "transaction=%d dest_fd=%d offset=%zu",
};

FIXTURE_VARIANT_ADD(formats, binder_transaction_alloc_buf) {
	.event = "binder_transaction_alloc_buf",
	.fields = BUFFER,
	.print = SIZES,
};

FIXTURE_VARIANT_ADD(formats, binder_transaction_buffer_release) {
	.event = "binder_transaction_buffer_release",
	.fields = BUFFER,
	.print = SIZES,
};

FIXTURE_VARIANT_ADD(formats, binder_transaction_failed_buffer_release) {
	.event = "binder_transaction_failed_buffer_release",
	.fields = BUFFER,
	.print = SIZES,
};

FIXTURE_VARIANT_ADD(formats, binder_transaction_update_buffer_release) {
	.event = "binder_transaction_update_buffer_release",
	.fields = BUFFER,
	.print = SIZES,
};

FIXTURE_VARIANT_ADD(formats, binder_update_page_range) {
	.event = "binder_update_page_range",
	.fields = "int proc; bool allocate; size_t offset; size_t size",
	.print = "proc=%d allocate=%d offset=%zu size=%zu",
};

FIXTURE_VARIANT_ADD(formats, binder_alloc_lru_start) {
	.event = "binder_alloc_lru_start",
	.fields = PAGE,
	.print = PAGE_TEXT,
};

FIXTURE_VARIANT_ADD(formats, binder_alloc_lru_end) {
	.event = "binder_alloc_lru_end",
	.fields = PAGE,
	.print = PAGE_TEXT,
};

FIXTURE_VARIANT_ADD(formats, binder_free_lru_start) {
	.event = "binder_free_lru_start",
	.fields = PAGE,
	.print = PAGE_TEXT,
};

FIXTURE_VARIANT_ADD(formats, binder_free_lru_end) {
	.event = "binder_free_lru_end",
	.fields = PAGE,
	.print = PAGE_TEXT,
};

FIXTURE_VARIANT_ADD(formats, binder_alloc_page_start) {
	.event = "binder_alloc_page_start",
	.fields = PAGE,
	.print = PAGE_TEXT,
};

FIXTURE_VARIANT_ADD(formats, binder_alloc_page_end) {
	.event = "binder_alloc_page_end",
	.fields = PAGE,
	.print = PAGE_TEXT,
};

FIXTURE_VARIANT_ADD(formats, binder_unmap_user_start) {
	.event = "binder_unmap_user_start",
	.fields = PAGE,
	.print = PAGE_TEXT,
};

FIXTURE_VARIANT_ADD(formats, binder_unmap_user_end) {
	.event = "binder_unmap_user_end",
	.fields = PAGE,
	.print = PAGE_TEXT,
};

FIXTURE_VARIANT_ADD(formats, binder_unmap_kernel_start) {
	.event = "binder_unmap_kernel_start",
	.fields = PAGE,
	.print = PAGE_TEXT,
};

FIXTURE_VARIANT_ADD(formats, binder_unmap_kernel_end) {
	.event = "binder_unmap_kernel_end",
	.fields = PAGE,
	.print = PAGE_TEXT,
};

FIXTURE_VARIANT_ADD(formats, binder_netlink_report) {
	.event = "binder_netlink_report",
	.fields = "__data_loc char[] context; u32 error; int from_pid; int from_tid; "
		  "int to_pid; int to_tid; bool is_reply; unsigned int flags; "
		  "unsigned int code; size_t data_size",
	.print = "error=0x%x %s context=%s from %d:%d to %d:%d reply=%d flags=0x%x "
		 "code=0x%x data_size=%zu",
	.only_ours = true,
};

FIXTURE_VARIANT_ADD(formats, binder_set_priority) {
	.event = "binder_set_priority",
	.fields = "int proc; int thread; unsigned int old_prio; unsigned int new_prio; "
		  "unsigned int desired_prio",
	.print = "proc=%d thread=%d old=%d => new=%d desired=%d",
	.only_ours = true,
};

/* Signs and sizes go with the types. */
static const char *odd_field(const struct format *format)
{
	static const struct {
		const char *type;
		unsigned int size;
		bool is_signed;
	} types[] = {
		{ "int", 4, true },
		{ "unsigned int", 4, false },
		{ "uint32_t", 4, false },
		{ "u32", 4, false },
		{ "unsigned long", 8, false },
		{ "size_t", 8, false },
		{ "binder_uintptr_t", 8, false },
		{ "bool", 1, false },
		{ "__data_loc char[]", 4, false },
	};

	for (int i = 0; i < format->nfields; i++) {
		const struct field *field = &format->field[i];
		unsigned int t;

		for (t = 0; t < ARRAY_SIZE(types); t++)
			if (!strcmp(types[t].type, field->type))
				break;
		/* A plain char is signed or not, as the processor has it. */
		if (t == ARRAY_SIZE(types) || types[t].size != field->size ||
		    (types[t].is_signed != field->is_signed && !strstr(field->type, "char")))
			return field->name;
	}
	return NULL;
}

TEST_F(formats, are_known_to_perfetto)
{
	const struct format *format;
	char fields[1024] = "", text[256];
	size_t used = 0;

	ASSERT_TRUE(tracer_available());
	format = tracer_format(variant->event);
	if (!format && variant->only_ours && !ours())
		SKIP(return, "this driver does not have that event");
	ASSERT_NE(NULL, format);
	for (int i = 0; i < format->nfields; i++)
		used += snprintf(fields + used, sizeof(fields) - used, "%s%s %s", i ? "; " : "",
				 format->field[i].type, format->field[i].name);
	ASSERT_STREQ(variant->fields, fields);
	ASSERT_EQ(NULL, odd_field(format)) {
		TH_LOG("%s has another size or sign", odd_field(format));
	}
	snprintf(text, sizeof(text), "\"%s\"", variant->print);
	ASSERT_EQ(0, strncmp(text, format->print, strlen(text))) {
		TH_LOG("print fmt: %s", format->print);
	}
}

TEST_HARNESS_MAIN
