/* SPDX-License-Identifier: GPL-2.0-only */
/* Epoll sets of peers, with the file of the peer in each. */
#ifndef PROTOCOL_EPOLL_SETS_H
#define PROTOCOL_EPOLL_SETS_H

#include "peer.h"

/* For run(): makes a set that waits for the events @arg; its number. */
long do_epoll(struct port *p, void *arg);
/* The events there are, 0 for none. */
long epoll_now(struct port *p, int epfd);
/* Waits until there is something; returns when it sleeps. */
void start_epoll(struct port *p, int epfd);

#endif /* PROTOCOL_EPOLL_SETS_H */
