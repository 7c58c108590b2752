// SPDX-License-Identifier: GPL-2.0-only
/*
 * A method call through a bus daemon: an array of bytes there, an empty return back.
 * Speaks the protocol itself, with headers made in advance and nothing unpacked: a
 * library does more, so what is measured is the least a method call can cost.
 */
#include "ipc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

enum { CALL = 1, RETURN = 2, ERROR = 3 };
enum { PATH = 1, INTERFACE = 2, MEMBER = 3, REPLY_SERIAL = 5, DESTINATION = 6, SIGNATURE = 8 };

/* Where things stand in a header. */
#define TYPE_AT 1
#define BODY_SIZE_AT 4
#define SERIAL_AT 8
#define FIELDS_SIZE_AT 12
#define FIELDS_AT 16
/* The first field, if it is a number: its code, "u", and then that. */
#define REPLY_SERIAL_AT 20

struct header {
	size_t size;
	uint8_t bytes[512];
};

struct connection {
	int fd;
	char name[64];
	uint32_t serial;
	size_t got;		/* bytes of @in that are there */
	uint8_t in[IPC_MOST + 1024];
};

static struct connection client, server;
static struct header call, answer;
static uint8_t payload[IPC_MOST];

static uint32_t get32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, 4);
	return value;
}

static void put32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, 4);
}

static size_t align(size_t size, size_t to)
{
	return (size + to - 1) / to * to;
}

static void header_begin(struct header *h, uint8_t type)
{
	memset(h, 0, sizeof(*h));
	h->bytes[0] = 'l';
	h->bytes[TYPE_AT] = type;
	h->bytes[3] = 1;
	h->size = FIELDS_AT;
}

/* A field of type @type: a string of some sort, or with "u" the number @number. */
static void header_add(struct header *h, uint8_t code, char type, const char *text, uint32_t number)
{
	uint8_t *at;

	h->size = align(h->size, 8);
	at = h->bytes + h->size;
	at[0] = code;
	at[1] = 1;
	at[2] = type;
	if (type == 'u') {
		put32(at + 4, number);
		h->size += 8;
	} else if (type == 'g') {
		at[4] = strlen(text);
		strcpy((char *)at + 5, text);
		h->size += 6 + strlen(text);
	} else {
		put32(at + 4, strlen(text));
		strcpy((char *)at + 8, text);
		h->size += 9 + strlen(text);
	}
	put32(h->bytes + FIELDS_SIZE_AT, h->size - FIELDS_AT);
}

/* The length of an array of bytes, with which the body begins, belongs to the header here. */
static void header_end(struct header *h, bool body)
{
	h->size = align(h->size, 8) + (body ? 4 : 0);
}

static void send_message(struct connection *c, const struct header *h, size_t size)
{
	struct iovec parts[2] = {
		{ (void *)h->bytes, h->size }, { payload, size },
	};
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = size ? 2 : 1 };
	size_t all = h->size + size;

	for (;;) {
		ssize_t n = sendmsg(c->fd, &m, 0);

		if (n < 0)
			die("sendmsg: %s", strerror(errno));
		all -= n;
		if (!all)
			return;
		for (unsigned int i = 0; i < 2; i++) {
			size_t part = (size_t)n < parts[i].iov_len ? (size_t)n : parts[i].iov_len;

			parts[i].iov_base = (uint8_t *)parts[i].iov_base + part;
			parts[i].iov_len -= part;
			n -= part;
		}
	}
}

/* Size of the message at the beginning of @in, or 0 if that cannot be told yet. */
static size_t message_size(const struct connection *c)
{
	if (c->got < FIELDS_AT)
		return 0;
	return align(FIELDS_AT + get32(c->in + FIELDS_SIZE_AT), 8) + get32(c->in + BODY_SIZE_AT);
}

/* Wait for a message of a type, which is then at the beginning of @in: its size. */
static size_t receive(struct connection *c, uint8_t type)
{
	for (;;) {
		size_t size = message_size(c);
		ssize_t n;

		if (size > sizeof(c->in))
			die("a message of %zu bytes", size);
		if (size && c->got >= size) {
			if (c->in[TYPE_AT] == ERROR)
				die("the bus says no: %.*s", (int)size, c->in + FIELDS_AT);
			if (c->in[TYPE_AT] == type)
				return size;
			c->got -= size;
			memmove(c->in, c->in + size, c->got);
			continue;
		}
		n = read(c->fd, c->in + c->got, sizeof(c->in) - c->got);
		if (n <= 0)
			die("the bus is gone");
		c->got += n;
	}
}

static void drop(struct connection *c, size_t size)
{
	c->got -= size;
	if (c->got)
		memmove(c->in, c->in + size, c->got);
}

static void greet(struct connection *c)
{
	char uid[16], text[64], line[256];
	size_t at = 0;
	int n;

	snprintf(uid, sizeof(uid), "%u", (unsigned int)getuid());
	n = 1 + sprintf(text + 1, "AUTH EXTERNAL ");
	text[0] = 0;
	for (const char *digit = uid; *digit; digit++)
		n += sprintf(text + n, "%02x", *digit);
	n += sprintf(text + n, "\r\n");
	if (write(c->fd, text, n) != n)
		die("the bus does not listen");
	do {
		if (at + 1 == sizeof(line) || read(c->fd, line + at, 1) != 1)
			die("the bus does not greet");
	} while (line[at++] != '\n');
	if (strncmp(line, "OK ", 3) || write(c->fd, "BEGIN\r\n", 7) != 7)
		die("the bus does not take us: %.*s", (int)at, line);
}

static void connect_to_bus(struct connection *c)
{
	static const char prefix[] = "unix:path=", bus[] = "org.freedesktop.DBus";
	const char *address = getenv("DBUS_SESSION_BUS_ADDRESS");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct header hello;
	size_t size;

	if (!address || strncmp(address, prefix, strlen(prefix)))
		die("DBUS_SESSION_BUS_ADDRESS has to be %s...", prefix);
	snprintf(to.sun_path, sizeof(to.sun_path), "%.*s",
		 (int)strcspn(address + strlen(prefix), ","), address + strlen(prefix));
	c->got = 0;
	c->serial = 1;
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof(to)))
		die("%s: %s", to.sun_path, strerror(errno));
	greet(c);
	header_begin(&hello, CALL);
	header_add(&hello, PATH, 'o', "/org/freedesktop/DBus", 0);
	header_add(&hello, INTERFACE, 's', bus, 0);
	header_add(&hello, MEMBER, 's', "Hello", 0);
	header_add(&hello, DESTINATION, 's', bus, 0);
	header_end(&hello, false);
	put32(hello.bytes + SERIAL_AT, c->serial++);
	send_message(c, &hello, 0);
	size = receive(c, RETURN);
	/* The body is our name. */
	snprintf(c->name, sizeof(c->name), "%s",
		 (char *)c->in + size - get32(c->in + BODY_SIZE_AT) + 4);
	drop(c, size);
}

bool dbus_open(const struct bench *b)
{
	connect_to_bus(&client);
	connect_to_bus(&server);
	header_begin(&call, CALL);
	header_add(&call, PATH, 'o', "/bench", 0);
	header_add(&call, INTERFACE, 's', "bench.Bench", 0);
	header_add(&call, MEMBER, 's', "Take", 0);
	header_add(&call, DESTINATION, 's', server.name, 0);
	header_add(&call, SIGNATURE, 'g', "ay", 0);
	header_end(&call, true);
	put32(call.bytes + BODY_SIZE_AT, 4 + b->size);
	put32(call.bytes + call.size - 4, b->size);
	header_begin(&answer, RETURN);
	header_add(&answer, REPLY_SERIAL, 'u', NULL, 0);
	header_add(&answer, DESTINATION, 's', client.name, 0);
	header_end(&answer, false);
	memset(payload, 0x5a, sizeof(payload));
	return true;
}

void dbus_call(size_t size)
{
	put32(call.bytes + SERIAL_AT, client.serial++);
	send_message(&client, &call, size);
	drop(&client, receive(&client, RETURN));
}

void dbus_serve(size_t size)
{
	(void)size;
	size = receive(&server, CALL);
	put32(answer.bytes + SERIAL_AT, server.serial++);
	put32(answer.bytes + REPLY_SERIAL_AT, get32(server.in + SERIAL_AT));
	drop(&server, size);
	send_message(&server, &answer, 0);
}

void dbus_close(void)
{
	close(client.fd);
	close(server.fd);
}
