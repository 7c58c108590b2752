// SPDX-License-Identifier: GPL-2.0-only
/* The interface may not change: sizes, places and codes, checked when compiled. */
#include <stddef.h>

#include <linux/android/binder.h>
#include <linux/android/binderfs.h>

#define SIZE(type, bytes) _Static_assert(sizeof(struct type) == (bytes), #type)
#define PLACE(type, member, at) \
	_Static_assert(offsetof(struct type, member) == (at), #type "." #member)
#define VALUE(name, value) _Static_assert((unsigned int)(name) == (value), #name)

SIZE(binder_write_read, 48);
SIZE(binder_transaction_data, 64);
SIZE(binder_transaction_data_secctx, 72);
SIZE(binder_transaction_data_sg, 72);
SIZE(binder_ptr_cookie, 16);
SIZE(binder_handle_cookie, 12);
SIZE(flat_binder_object, 24);
SIZE(binder_fd_object, 24);
SIZE(binder_buffer_object, 40);
SIZE(binder_fd_array_object, 32);
SIZE(binder_version, 4);
SIZE(binder_node_debug_info, 24);
SIZE(binder_node_info_for_ref, 24);
SIZE(binder_freeze_info, 12);
SIZE(binder_frozen_status_info, 12);
SIZE(binder_frozen_state_info, 16);
SIZE(binder_extended_error, 12);
SIZE(binder_pri_desc, 8);
/* Never sent; the only one that is padded otherwise in programs of 32 bits for x86. */
#define PRI_SIZE (16 + _Alignof(struct binder_pri_ptr_cookie))
SIZE(binder_pri_ptr_cookie, PRI_SIZE);
VALUE(BR_ATTEMPT_ACQUIRE, 0x8000720b | PRI_SIZE << 16);
SIZE(binderfs_device, 264);

PLACE(binder_write_read, write_consumed, 8);
PLACE(binder_write_read, write_buffer, 16);
PLACE(binder_write_read, read_size, 24);
PLACE(binder_write_read, read_consumed, 32);
PLACE(binder_write_read, read_buffer, 40);
PLACE(binder_transaction_data, cookie, 8);
PLACE(binder_transaction_data, code, 16);
PLACE(binder_transaction_data, flags, 20);
PLACE(binder_transaction_data, sender_pid, 24);
PLACE(binder_transaction_data, sender_euid, 28);
PLACE(binder_transaction_data, data_size, 32);
PLACE(binder_transaction_data, offsets_size, 40);
PLACE(binder_transaction_data, data.ptr.buffer, 48);
PLACE(binder_transaction_data, data.ptr.offsets, 56);
PLACE(binder_handle_cookie, cookie, 4);
PLACE(flat_binder_object, binder, 8);
PLACE(flat_binder_object, handle, 8);
PLACE(flat_binder_object, cookie, 16);
PLACE(binder_fd_object, fd, 8);
PLACE(binder_fd_object, cookie, 16);
PLACE(binder_buffer_object, buffer, 8);
PLACE(binder_buffer_object, length, 16);
PLACE(binder_buffer_object, parent, 24);
PLACE(binder_buffer_object, parent_offset, 32);
PLACE(binder_fd_array_object, num_fds, 8);
PLACE(binder_fd_array_object, parent, 16);
PLACE(binder_fd_array_object, parent_offset, 24);
PLACE(binder_extended_error, command, 4);
PLACE(binder_extended_error, param, 8);
PLACE(binderfs_device, major, 256);
PLACE(binderfs_device, minor, 260);

VALUE(BINDER_TYPE_BINDER, 0x73622a85);
VALUE(BINDER_TYPE_WEAK_BINDER, 0x77622a85);
VALUE(BINDER_TYPE_HANDLE, 0x73682a85);
VALUE(BINDER_TYPE_WEAK_HANDLE, 0x77682a85);
VALUE(BINDER_TYPE_FD, 0x66642a85);
VALUE(BINDER_TYPE_FDA, 0x66646185);
VALUE(BINDER_TYPE_PTR, 0x70742a85);

VALUE(BINDER_WRITE_READ, 0xc0306201);
VALUE(BINDER_SET_IDLE_TIMEOUT, 0x40086203);
VALUE(BINDER_SET_MAX_THREADS, 0x40046205);
VALUE(BINDER_SET_IDLE_PRIORITY, 0x40046206);
VALUE(BINDER_SET_CONTEXT_MGR, 0x40046207);
VALUE(BINDER_THREAD_EXIT, 0x40046208);
VALUE(BINDER_VERSION, 0xc0046209);
VALUE(BINDER_GET_NODE_DEBUG_INFO, 0xc018620b);
VALUE(BINDER_GET_NODE_INFO_FOR_REF, 0xc018620c);
VALUE(BINDER_SET_CONTEXT_MGR_EXT, 0x4018620d);
VALUE(BINDER_FREEZE, 0x400c620e);
VALUE(BINDER_GET_FROZEN_INFO, 0xc00c620f);
VALUE(BINDER_ENABLE_ONEWAY_SPAM_DETECTION, 0x40046210);
VALUE(BINDER_GET_EXTENDED_ERROR, 0xc00c6211);
VALUE(BINDER_CTL_ADD, 0xc1086201);

VALUE(BC_TRANSACTION, 0x40406300);
VALUE(BC_REPLY, 0x40406301);
VALUE(BC_ACQUIRE_RESULT, 0x40046302);
VALUE(BC_FREE_BUFFER, 0x40086303);
VALUE(BC_INCREFS, 0x40046304);
VALUE(BC_ACQUIRE, 0x40046305);
VALUE(BC_RELEASE, 0x40046306);
VALUE(BC_DECREFS, 0x40046307);
VALUE(BC_INCREFS_DONE, 0x40106308);
VALUE(BC_ACQUIRE_DONE, 0x40106309);
VALUE(BC_ATTEMPT_ACQUIRE, 0x4008630a);
VALUE(BC_REGISTER_LOOPER, 0x0000630b);
VALUE(BC_ENTER_LOOPER, 0x0000630c);
VALUE(BC_EXIT_LOOPER, 0x0000630d);
VALUE(BC_REQUEST_DEATH_NOTIFICATION, 0x400c630e);
VALUE(BC_CLEAR_DEATH_NOTIFICATION, 0x400c630f);
VALUE(BC_DEAD_BINDER_DONE, 0x40086310);
VALUE(BC_TRANSACTION_SG, 0x40486311);
VALUE(BC_REPLY_SG, 0x40486312);
VALUE(BC_REQUEST_FREEZE_NOTIFICATION, 0x400c6313);
VALUE(BC_CLEAR_FREEZE_NOTIFICATION, 0x400c6314);
VALUE(BC_FREEZE_NOTIFICATION_DONE, 0x40086315);

VALUE(BR_ERROR, 0x80047200);
VALUE(BR_OK, 0x00007201);
VALUE(BR_TRANSACTION, 0x80407202);
VALUE(BR_TRANSACTION_SEC_CTX, 0x80487202);
VALUE(BR_REPLY, 0x80407203);
VALUE(BR_ACQUIRE_RESULT, 0x80047204);
VALUE(BR_DEAD_REPLY, 0x00007205);
VALUE(BR_TRANSACTION_COMPLETE, 0x00007206);
VALUE(BR_INCREFS, 0x80107207);
VALUE(BR_ACQUIRE, 0x80107208);
VALUE(BR_RELEASE, 0x80107209);
VALUE(BR_DECREFS, 0x8010720a);
VALUE(BR_NOOP, 0x0000720c);
VALUE(BR_SPAWN_LOOPER, 0x0000720d);
VALUE(BR_FINISHED, 0x0000720e);
VALUE(BR_DEAD_BINDER, 0x8008720f);
VALUE(BR_CLEAR_DEATH_NOTIFICATION_DONE, 0x80087210);
VALUE(BR_FAILED_REPLY, 0x00007211);
VALUE(BR_FROZEN_REPLY, 0x00007212);
VALUE(BR_ONEWAY_SPAM_SUSPECT, 0x00007213);
VALUE(BR_TRANSACTION_PENDING_FROZEN, 0x00007214);
VALUE(BR_FROZEN_BINDER, 0x80107215);
VALUE(BR_CLEAR_FREEZE_NOTIFICATION_DONE, 0x80087216);

VALUE(FLAT_BINDER_FLAG_PRIORITY_MASK, 0xff);
VALUE(FLAT_BINDER_FLAG_ACCEPTS_FDS, 0x100);
VALUE(FLAT_BINDER_FLAG_TXN_SECURITY_CTX, 0x1000);
VALUE(TF_ONE_WAY, 0x01);
VALUE(TF_ROOT_OBJECT, 0x04);
VALUE(TF_STATUS_CODE, 0x08);
VALUE(TF_ACCEPT_FDS, 0x10);
VALUE(TF_CLEAR_BUF, 0x20);
VALUE(TF_UPDATE_TXN, 0x40);
