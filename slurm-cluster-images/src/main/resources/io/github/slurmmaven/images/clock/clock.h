/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock of a cluster as its libraries read it: slurmclock.c for Slurm's programs, jobclock.c for those of
 * jobs.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

#define SECOND INT64_C(1000000000)
/* A wait looks at the clock so often, in nanoseconds: it ends so late after the clock was moved. */
#define SLICE (SECOND / 20)
#define FASTEST 1000
/* Later than any time that Slurm waits for, and far from an overflow: the year 2200. */
#define NEVER INT64_C(7258118400)

/* The time of the cluster is cluster + (time of the machine - machine) * speed, in nanoseconds. */
struct pace {
  int64_t machine;
  int64_t cluster;
  int64_t speed;
};

/* Whoever changes the clock writes the pace that does not count, and then the turn. The last bit of the turn
   says which pace counts, so that half of a change is never seen. */
struct clock {
  char magic[8];
  uint64_t turn;
  struct pace paces[2];
  uint64_t seen; /* the last turn that slurmctld has acted on; it alone writes this and asked */
  uint64_t reserved[2];
  uint64_t asked; /* daemons that slurmctld has sent a message to, and that have not answered yet */
  uint64_t copied;  /* not 0: this file is a copy, which does not follow the cluster's clock */
  uint64_t patient; /* not 0: slurmctld and sbatch wait as long as without these libraries, to compare */
  uint64_t more[2];
};

static const char MAGIC[8] = {'S', 'L', 'U', 'R', 'M', 'C', 'L', 'K'};

static const struct clock *shared; /* NULL: the machine's time */
static char path[PATH_MAX];

static int (*real_clock_gettime)(clockid_t, struct timespec *);

static void begin(void);

static void give_up(const char *reason)
{
  dprintf(STDERR_FILENO, "slurm-clock: the clock of the cluster, %s, %s\n", path, reason);
  _exit(1);
}

/* A C library other than GNU's has no versions. */
#pragma weak dlvsym

static void find(void *function, const char *name, const char *version)
{
  void *found = version != NULL && dlvsym != NULL ? dlvsym(RTLD_NEXT, name, version) : NULL;
  if (found == NULL) {
    found = dlsym(RTLD_NEXT, name);
  }
  memcpy(function, &found, sizeof found);
}

/* Maps the clock, and closes the file. */
static void *map(int file, int access)
{
  if (lseek(file, 0, SEEK_END) < (off_t) sizeof *shared) {
    give_up("is too short");
  }
  void *mapped = mmap(NULL, sizeof *shared, access, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) {
    give_up("cannot be mapped");
  }
  close(file);
  if (memcmp(((const struct clock *) mapped)->magic, MAGIC, sizeof MAGIC) != 0) {
    give_up("is not a clock");
  }
  return mapped;
}

static struct pace pace(void)
{
  struct pace now = {0, 0, 1};
  if (shared == NULL) {
    return now;
  }
  uint64_t turn = __atomic_load_n(&shared->turn, __ATOMIC_ACQUIRE);
  for (;;) {
    const volatile struct pace *counts = &shared->paces[turn & 1];
    now = (struct pace){counts->machine, counts->cluster, counts->speed};
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    uint64_t after = __atomic_load_n(&shared->turn, __ATOMIC_ACQUIRE);
    if (after == turn) {
      break;
    }
    turn = after;
  }
  if (now.speed < 1 || now.speed > FASTEST) {
    give_up("has an impossible speed");
  }
  return now;
}

static int64_t nanoseconds(const struct timespec *time)
{
  return (time->tv_sec < NEVER ? time->tv_sec : NEVER) * SECOND + time->tv_nsec;
}

static struct timespec timespec(int64_t nanoseconds)
{
  struct timespec time = {nanoseconds / SECOND, nanoseconds % SECOND};
  if (time.tv_nsec < 0) {
    time.tv_nsec += SECOND;
    time.tv_sec--;
  }
  return time;
}

static int64_t machine_now(void)
{
  struct timespec now;
  real_clock_gettime(CLOCK_REALTIME, &now);
  return nanoseconds(&now);
}

static int64_t cluster_time(const struct pace *pace, int64_t machine)
{
  /* Before this pace, time is taken to have passed as the machine's. */
  int64_t since = machine - pace->machine;
  return pace->cluster + (since > 0 ? since * pace->speed : since);
}

static int64_t cluster_now(void)
{
  struct pace now = pace();
  return cluster_time(&now, machine_now());
}

/* What is left of a wait, as the machine's time, of which no more than a slice is waited at once. */
static int64_t slice(int64_t until)
{
  struct pace now = pace();
  int64_t left = until - cluster_time(&now, machine_now());
  if (left <= 0) {
    return 0;
  }
  left = (left + now.speed - 1) / now.speed;
  return left < SLICE ? left : SLICE;
}

/* ---- what follows from each library's clock_gettime ---------------------------------------------- */

EXPORTED int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
  struct timespec now;
  if (zone != NULL) {
    memset(zone, 0, sizeof(struct timezone));
  }
  clock_gettime(CLOCK_REALTIME, &now);
  *time = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

EXPORTED time_t time(time_t *result)
{
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result != NULL) {
    *result = now.tv_sec;
  }
  return now.tv_sec;
}

/* ---- condition variables ------------------------------------------------------------------------ */

static int (*real_timedwait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
static int (*real_signal)(pthread_cond_t *);
static int (*real_broadcast)(pthread_cond_t *);

/* Where a condition variable got its present form, on x86-64 alone. */
#define CONDITIONS "GLIBC_2.3.2"

static void find_conditions(const char *version)
{
  find(&real_timedwait, "pthread_cond_timedwait", version);
  find(&real_signal, "pthread_cond_signal", version);
  find(&real_broadcast, "pthread_cond_broadcast", version);
}

/*
 * A signal that comes between two slices of a wait wakes nobody. So signals are counted, in groups of
 * condition variables, and a wait whose group has had one ends after its slice as if it had been woken,
 * which POSIX allows at any time.
 */
static uint32_t signals[256];

static uint32_t *signals_of(const pthread_cond_t *condition)
{
  uintptr_t address = (uintptr_t) condition;
  return &signals[(address >> 4 ^ address >> 12) % (sizeof signals / sizeof *signals)];
}

EXPORTED int pthread_cond_signal(pthread_cond_t *condition)
{
  if (real_signal == NULL) {
    begin(); /* called by a library that begins sooner */
  }
  __atomic_add_fetch(signals_of(condition), 1, __ATOMIC_SEQ_CST);
  return real_signal(condition);
}

EXPORTED int pthread_cond_broadcast(pthread_cond_t *condition)
{
  if (real_broadcast == NULL) {
    begin(); /* called by a library that begins sooner */
  }
  __atomic_add_fetch(signals_of(condition), 1, __ATOMIC_SEQ_CST);
  return real_broadcast(condition);
}

#endif
