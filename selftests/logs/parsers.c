// SPDX-License-Identifier: GPL-2.0-only
/*
 * Those who read these files for a living: libbinderdebug takes words by their
 * place, watchdogs match lines of transactions. What they do is done here.
 */
#include <ctype.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

#include "logs_test.h"

LOGS_FIXTURE(parsers);

#define MAX_WORDS 256
/* What libbinderdebug asks of a line before it looks into it. */
#define NODE_WORDS 21
#define REF_WORDS 12

/* Split at single blanks; those that indent a line give no words. */
static int split(char *line, char **words)
{
	int n = 0;

	for (char *word = strtok(line, " "); word && n < MAX_WORDS; word = strtok(NULL, " "))
		words[n++] = word;
	return n;
}

/* The lines of a file one by one, each in a buffer of its own. */
static bool next_line(const char **text, char *line, size_t size)
{
	size_t len = strcspn(*text, "\n");

	if (!**text)
		return false;
	if (len >= size)
		fail("line of %zu bytes", len);
	memcpy(line, *text, len);
	line[len] = '\0';
	*text += len + ((*text)[len] == '\n');
	return true;
}

static const char *pid_file(struct port *p)
{
	char file[32];

	snprintf(file, sizeof(file), "proc/%d", p->pid);
	return read_log(DEBUGFS_LOGS, file);
}

/*
 * getBinderClientPids(): who has a handle to the node that the process of the file
 * calls @ptr. The number of words, or -1 for a line that is too short.
 */
static int client_pids(const char *text, uint64_t ptr, pid_t *pids, int max)
{
	char line[4096], *words[MAX_WORDS];
	int n, i, nr = 0;

	while (next_line(&text, line, sizeof(line))) {
		if (strncmp(line, "  node", 6))
			continue;
		n = split(line, words);
		for (i = 0; i < n && words[i][0] != 'u'; i++)
			;
		if (i == n || strtoull(words[i] + 1, NULL, 16) != ptr)
			continue;
		if (n < NODE_WORDS)
			return -1;
		while (i < n && strcmp(words[i], "proc"))
			i++;
		while (++i < n && nr < max)
			pids[nr++] = atoi(words[i]);
	}
	return nr;
}

TEST_F(parsers, clients_of_a_node_with_two)
{
	struct port *s = manager(), *o = process(), *c = process();
	pid_t pids[4];

	give(o, c, 0x10, 0x20, 0);
	give(o, s, 0x10, 0x20, 0);
	ASSERT_EQ(2, client_pids(pid_file(o), 0x10, pids, 4));
	ASSERT_TRUE((pids[0] == c->pid && pids[1] == s->pid) ||
		    (pids[0] == s->pid && pids[1] == c->pid));
}

TEST_F(parsers, subtle_clients_of_a_node_with_one)
{
	struct port *o, *c;
	pid_t pids[4];

	manager();
	o = process();
	c = process();
	give(o, c, 0x10, 0x20, 0);
	ASSERT_EQ(1, client_pids(pid_file(o), 0x10, pids, 4));
	ASSERT_EQ(c->pid, pids[0]);
}

/* The pair that Android's kernels print, of the node's flags. */
TEST_F(parsers, policy_and_priority_of_a_node)
{
	static const struct {
		uint32_t flags;
		const char *pair;
	} nodes[] = {
		{ 0, "pri 0:0" },
		{ 0x13 | FLAT_BINDER_FLAG_ACCEPTS_FDS, "pri 0:19" },
		{ 0x7f, "pri 0:127" },
		{ 0xec, "pri 0:-20" },
		{ 0x200 | 0x63, "pri 1:99" },
		{ 0x400 | 0x01, "pri 2:1" },
		{ 0x600 | 0x05, "pri 3:5" },
	};
	struct port *o, *c;
	char start[64], *at;

	manager();
	o = process();
	c = process();
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		give(o, c, 0x10 * (i + 1), 0x20, nodes[i].flags);
		snprintf(start, sizeof(start), "u%016zx c0000000000000020 %s hs",
			 0x10 * (i + 1), nodes[i].pair);
		at = strstr(pid_file(o), start);
		ASSERT_NE(NULL, at) {
			TH_LOG("no '%s' in\n%s", start, pid_file(o));
		}
	}
}

/*
 * getBinderPidInfo(): of each context the handles and their nodes, and how many
 * threads there are and how many are in use.
 */
struct pid_info {
	char context[64];
	int nr_refs;
	uint32_t handle, node;
	int threads;
	int in_use;
};

static int parse_pid_info(const char *text, const char *context, struct pid_info *info)
{
	char line[4096], *words[MAX_WORDS], *at;
	bool wanted = false;
	int n;

	memset(info, 0, sizeof(*info));
	while (next_line(&text, line, sizeof(line))) {
		if (!strncmp(line, "context", 7)) {
			wanted = !strcmp(strrchr(line, ' ') + 1, context);
			continue;
		}
		if (!wanted)
			continue;
		if (!strncmp(line, "  ref", 5)) {
			n = split(line, words);
			if (n < REF_WORDS)
				return -1;
			info->handle = atoi(words[3]);
			info->node = atoi(words[5]);
			info->nr_refs++;
		} else if (!strncmp(line, "  thread", 8)) {
			at = strstr(line, "l ");
			/* First digit: 1 waits in the driver. Second: 0 is not of the pool. */
			if (!at || !isxdigit((unsigned char)at[2]) ||
			    !isxdigit((unsigned char)at[3]) || at[4] != ' ')
				return -1;
			if (at[3] == '0')
				continue;
			info->threads++;
			info->in_use += at[2] != '1';
		}
	}
	return 0;
}

TEST_F(parsers, subtle_handles_and_threads_of_a_process)
{
	struct port *o, *c, *t1, *t2;
	struct pid_info info;
	uint32_t handle, max = 5;

	manager();
	o = process();
	c = process();
	handle = give(o, c, 0x10, 0x20, 0);
	t1 = new_thread_of(c);
	t2 = new_thread_of(c);
	ASSERT_EQ(0, ioc(c, BINDER_SET_MAX_THREADS, &max, sizeof(max)));
	bnd_cmd_enter_looper(&t1->w);
	ASSERT_STREQ("SPAWN", go_blocking(t1));
	start(t1);
	bnd_cmd_register_looper(&t2->w);
	ASSERT_STREQ("NOOP", go_blocking(t2));
	ASSERT_EQ(0, parse_pid_info(pid_file(c), "binder", &info));
	ASSERT_EQ(1, info.nr_refs);
	ASSERT_EQ(handle, info.handle);
	ASSERT_EQ(2, info.threads);
	ASSERT_EQ(1, info.in_use);
	ASSERT_EQ(0, parse_pid_info(pid_file(c), "hwbinder", &info));
	ASSERT_EQ(0, info.nr_refs);
	ASSERT_EQ(0, parse_pid_info(pid_file(o), "binder", &info));
	ASSERT_EQ(0, info.threads);
}

/* The id of the node behind a handle is the one its owner's line has. */
TEST_F(parsers, ref_and_node_belong_together)
{
	struct port *o, *c;
	struct pid_info info;
	char start[32];

	manager();
	o = process();
	c = process();
	give(o, c, 0x10, 0x20, 0);
	ASSERT_EQ(0, parse_pid_info(pid_file(c), "binder", &info));
	snprintf(start, sizeof(start), "  node %u: u0000000000000010 ", info.node);
	ASSERT_NE(NULL, strstr(pid_file(o), start));
}

static const char *spelled_out(const char *pattern)
{
	static char regex[512];

	regex[0] = '\0';
	for (; *pattern; pattern++) {
		char other[2] = { *pattern };

		strcat(regex, *pattern == 'B' ? "[[:space:]]+" :
			      *pattern == 'N' ? "[0-9]+" : other);
	}
	return regex;
}

/* What watchdogs look for when something hangs: who waits for whom. */
TEST_F(parsers, transactions_for_watchdogs)
{
	/* B stands for blanks, N for a number. */
	static const char pattern[] =
		"B(outgoing|incoming|pending)Btransaction.*fromB(N):(N)BtoB(N):NB.*";
	struct port *s = manager(), *c = process();
	const char *text;
	regmatch_t at[5];
	char line[4096];
	regex_t regex;
	int n = 0;

	ASSERT_EQ(0, regcomp(&regex, spelled_out(pattern), REG_EXTENDED));
	deliver(c, s, 0, 1);
	text = read_log(DEBUGFS_LOGS, "state");
	while (next_line(&text, line, sizeof(line))) {
		if (regexec(&regex, line, 5, at, 0))
			continue;
		ASSERT_EQ(c->pid, atoi(line + at[2].rm_so));
		ASSERT_EQ(c->tid, atoi(line + at[3].rm_so));
		ASSERT_EQ(s->pid, atoi(line + at[4].rm_so));
		n++;
	}
	regfree(&regex);
	ASSERT_EQ(2, n);
}

/* Fields of a transaction as 7.2 has them: a tells oneway calls, r replies. */
TEST_F(parsers, kinds_of_transactions)
{
	struct port *s = manager(), *c = process();

	call(c, 0, 1, TF_ONE_WAY);
	WRITE(c, "");
	ASSERT_NE(NULL, strstr(read_log(DEBUGFS_LOGS, "transactions"),
			       " code 1 flags 1 pri 0 a1 r0 elapsed "));
	call(c, 0, 2, 0);
	WRITE(c, "");
	ASSERT_NE(NULL, strstr(read_log(DEBUGFS_LOGS, "transactions"),
			       " code 2 flags 0 pri 0 a0 r0 elapsed "));
	GO(s, "NOOP TXN:1");
	GO(s, "NOOP TXN:2");
	reply(s, 3, 0);
	WRITE(s, "");
	ASSERT_NE(NULL, strstr(read_log(DEBUGFS_LOGS, "transactions"),
			       " code 3 flags 0 pri 0 a0 r1 elapsed "));
}

static long renice(struct port *p, void *arg)
{
	(void)p;
	return nice((int)(intptr_t)arg) == -1;
}

TEST_F(parsers, nice_value_and_age_of_a_transaction)
{
	struct port *c;
	const char *at;
	long first, second;

	manager();
	c = process();
	run(c, renice, (void *)(intptr_t)7);
	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	at = strstr(read_log(DEBUGFS_LOGS, "transactions"), " pri 7 ");
	ASSERT_NE(NULL, at);
	first = strtol(strstr(at, "elapsed ") + 8, NULL, 10);
	usleep(50000);
	at = strstr(read_log(DEBUGFS_LOGS, "transactions"), " pri 7 ");
	ASSERT_NE(NULL, at);
	second = strtol(strstr(at, "elapsed ") + 8, NULL, 10);
	ASSERT_GE(second, first + 40);
	ASSERT_EQ(0, strncmp(at + strcspn(at, "e"), "elapsed ", 8));
}

/* Hidden addresses: no owner's address is in a hashed file. */
TEST_F(parsers, hashed_files_hide_addresses)
{
	static const char *const files[] = { "state_hashed", "transactions_hashed" };
	unsigned long long ptr, cookie;
	struct port *o, *c;
	int rest = 0;

	if (!ours())
		SKIP(return, "these files come with 6.17");
	manager();
	o = process();
	c = process();
	name(o, "O");
	give(o, c, 0x1234567812345670, 0x0fedcba987654320, 0);
	call_obj(c, 0, 1, 0, bnd_obj_binder(0x1234567812345670, 0x0fedcba987654320, 0));
	GO(c, "EAGAIN");
	for (int i = 0; i < 2; i++) {
		const char *text = read_log(DEBUGFS_LOGS, files[i]);

		ASSERT_EQ(NULL, strstr(text, "1234567812345670"));
		ASSERT_EQ(NULL, strstr(text, "fedcba987654320"));
		ASSERT_NE(NULL, strstr(text, "    node work "));
	}
	ASSERT_EQ(2, sscanf(line_of(block("state_hashed", o), "  node"),
			    "  node #1: u:%llx c:%llx%n", &ptr, &cookie, &rest));
	ASSERT_NE(0x1234567812345670, ptr);
	ASSERT_NE(0x0fedcba987654320, cookie);
	SAME(" hs 1 hw 1 ls 0 lw 0 is 1 iw 1 tr 1 proc ?",
	     line_of(block("state_hashed", o), "  node") + rest);
}

TEST_HARNESS_MAIN
