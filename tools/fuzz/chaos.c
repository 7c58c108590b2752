// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many processes and threads that talk to each other, for a while, and do to
 * themselves and to each other whatever programs can: exit, get killed, exec, fork,
 * unmap, close, poll, freeze and run out of memory in the middle of it. Most of
 * what they send is legal, so that it gets far, and some of it is not. There is
 * nothing to compare: the kernel must not complain, and everything must be given
 * back at the end, which whoever runs this checks.
 *
 * Usage: chaos [-s SEED] [-t SECONDS] [-p PROCESSES] DEVICE...
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/android/binderfs.h>

#include "citizen.h"

#define MAX_PROCESSES 32
#define HANG_SECONDS 60
#define IOCTLS_PER_MESSAGE 1000	/* more than that, and little is tried; 20 to 250 it should be */

static struct chaos *chaos;
static unsigned int nr_processes = 6;

static void die(const char *what)
{
	perror(what);
	_exit(1);
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* --- The world they live in ------------------------------------------------------ */

static void write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		chaos->refused++;
	close(fd);
}

/* A binderfs comes and goes, with devices in it that are used meanwhile. */
static void shake_binderfs(struct fuzz_random *r)
{
	static const char *const names[] = {
		CHAOS_DEVICE_A, CHAOS_DEVICE_B, "binder-control", "features", "..", "",
	};
	struct binderfs_device device = { .major = 0 };
	char path[64];
	int fd;

	if (fuzz_once_in(r, 3)) {
		umount2(CHAOS_BINDERFS, MNT_DETACH);
		mount("binder", CHAOS_BINDERFS, "binder", 0, fuzz_once_in(r, 3) ? "max=4" : "");
	}
	snprintf(path, sizeof(path), CHAOS_BINDERFS "/%s", names[fuzz_below(r, 6)]);
	if (fuzz_once_in(r, 2)) {
		unlink(path);
		return;
	}
	fd = open(CHAOS_BINDERFS "/binder-control", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	strcpy(device.name, names[fuzz_below(r, 6)]);
	if (ioctl(fd, BINDER_CTL_ADD, &device))
		chaos->refused++;
	close(fd);
}

static void shake(struct fuzz_random *r)
{
	/* Idle pages go, whatever is being done with their neighbours. */
	if (fuzz_once_in(r, 2))
		write_to("/proc/sys/vm/drop_caches", "2");
	else
		shake_binderfs(r);
}

/* --- Processes ---------------------------------------------------------------------- */

static void start(unsigned int slot)
{
	uint64_t life = __atomic_add_fetch(&chaos->lives, 1, __ATOMIC_RELAXED);
	pid_t pid = fork();

	if (pid < 0)
		return;
	if (!pid) {
		live(chaos, slot, life);
		_exit(0);
	}
	chaos->pids[slot] = pid;
}

static void reap(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (unsigned int i = 0; i < nr_processes; i++)
			if (chaos->pids[i] == pid) {
				chaos->pids[i] = 0;
				start(i);
			}
}

/* Returns the longest time without a message, in ms. */
static uint64_t run(unsigned int seconds)
{
	struct fuzz_random r = fuzz_random_part(chaos->seed, 0);
	uint64_t end = now_ms() + 1000ull * seconds, moved = now_ms(), calls = 0;
	uint64_t heard = now_ms(), messages = 0, silence = 0;

	for (unsigned int i = 0; i < nr_processes; i++)
		start(i);
	while (now_ms() < end) {
		usleep(1000 * (1 + fuzz_below(&r, 30)));
		if (fuzz_once_in(&r, 4))
			kill(chaos->pids[fuzz_below(&r, nr_processes)] ?: getpid(),
			     fuzz_once_in(&r, 3) ? SIGKILL : SIGUSR1);
		if (fuzz_once_in(&r, 8))
			shake(&r);
		reap();
		if (chaos->ioctls != calls) {
			calls = chaos->ioctls;
			moved = now_ms();
		} else if (now_ms() - moved > 1000ull * HANG_SECONDS) {
			fprintf(stderr, "nothing has happened for %d s\n", HANG_SECONDS);
			abort();
		}
		if (now_ms() - heard > silence)
			silence = now_ms() - heard;
		if (chaos->messages != messages) {
			messages = chaos->messages;
			heard = now_ms();
		}
	}
	return silence;
}

/* Nobody can stay: what is asleep in the driver must wake up for a signal. */
static void end_all(void)
{
	for (unsigned int i = 0; i < nr_processes; i++)
		if (chaos->pids[i])
			kill(chaos->pids[i], SIGKILL);
	alarm(HANG_SECONDS);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	alarm(0);
	umount2(CHAOS_BINDERFS, MNT_DETACH);
}

static void ignore(int number)
{
	(void)number;
}

static void read_options(int argc, char **argv, unsigned int *seconds)
{
	int option;

	chaos->seed = (uint64_t)time(NULL);
	*seconds = 60;
	while ((option = getopt(argc, argv, "s:t:p:")) != -1) {
		switch (option) {
		case 's':
			chaos->seed = strtoull(optarg, NULL, 0);
			break;
		case 't':
			*seconds = (unsigned int)strtoul(optarg, NULL, 0);
			break;
		case 'p':
			nr_processes = (unsigned int)strtoul(optarg, NULL, 0);
			break;
		default:
			exit(2);
		}
	}
	for (; optind < argc && chaos->nr_devices < CHAOS_DEVICES; optind++)
		chaos->devices[chaos->nr_devices++] = argv[optind];
	if (!chaos->nr_devices || !nr_processes || nr_processes > MAX_PROCESSES) {
		fprintf(stderr, "usage: chaos [-s SEED] [-t SECONDS] [-p PROCESSES] DEVICE...\n");
		exit(2);
	}
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = ignore };
	unsigned int seconds;
	uint64_t silence;

	/* An exec of a process that is in the middle of something ends here. */
	if (argc == 2 && !strcmp(argv[1], CHAOS_EXECED))
		return 0;
	chaos = mmap(NULL, sizeof(*chaos), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (chaos == MAP_FAILED)
		die("mmap");
	read_options(argc, argv, &seconds);
	chaos->program = argv[0];
	sigaction(SIGUSR1, &sa, NULL);
	mkdir(CHAOS_BINDERFS, 0755);
	printf("seed %llu\n", (unsigned long long)chaos->seed);
	fflush(stdout);
	silence = run(seconds);
	end_all();
	printf("seed %llu: %llu ioctls in %u s, %llu a second; %llu commands, %llu messages "
	       "read, %llu lives; at most %llu ms without a message\n",
	       (unsigned long long)chaos->seed,
	       (unsigned long long)chaos->ioctls, seconds,
	       (unsigned long long)(seconds ? chaos->ioctls / seconds : 0),
	       (unsigned long long)chaos->commands, (unsigned long long)chaos->messages,
	       (unsigned long long)chaos->lives, (unsigned long long)silence);
	/* Or else too little was tried. */
	return chaos->ioctls > IOCTLS_PER_MESSAGE * chaos->messages ||
	       silence > 1000ull * HANG_SECONDS;
}
