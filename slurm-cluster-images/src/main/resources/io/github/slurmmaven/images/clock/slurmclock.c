/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock of a cluster. It is a library of Slurm's programs, found before the C library, and answers
 * what they ask of it about the time of day:
 *
 *   time, gettimeofday, clock_gettime   the time of the cluster
 *   sleep, usleep, nanosleep,           wait for a time of the cluster, and end early when its clock is
 *   pthread_cond_timedwait              moved
 *   stat, fstat, in daemons             the time of a file is a time of the cluster: slurmctld compares
 *                                       the two, and slurmd removes old sockets of slurmstepd
 *
 * The clock is the file "clock" beside slurm.conf, which all programs of a cluster map. Without the file,
 * the time is the machine's. What measures the machine itself is left alone: CLOCK_MONOTONIC, and the
 * time-outs of poll and epoll_wait, which wait for other programs.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "clock.h"

/* jobclock.c leaves the time to a program that has this. */
EXPORTED const int slurm_clock = 1;

static uint64_t *seen, *asked; /* of it, in slurmctld alone */
static pid_t owner;            /* what it forks is none of it */
static int is_controller, is_daemon, is_sbatch;

/* slurmctld's own: how many messages wait to be sent, and how many agents send some. */
static int (*retry_list_size)(void), (*get_agent_count)(void);

static int (*real_nanosleep)(const struct timespec *, struct timespec *);
static int (*real_stat)(const char *, struct stat *);
static int (*real_fstat)(int, struct stat *);

/* ---- the clock ---------------------------------------------------------------------------------- */

/* Beside the slurm.conf that this program reads. A file that is not there is not a clock. */
static int find_file(void)
{
  const char *configuration = getenv("SLURM_CONF");
  if (realpath(configuration != NULL ? configuration : "/etc/slurm/slurm.conf", path) == NULL) {
    return 0;
  }
  char *name = strrchr(path, '/') + 1;
  if (name - path > PATH_MAX - 6) {
    return 0;
  }
  strcpy(name, "clock");
  return 1;
}

static void find_in_program(void *function, const char *name)
{
  void *found = dlsym(RTLD_DEFAULT, name);
  memcpy(function, &found, sizeof found);
}

static int is_called(const char *name) { return strcmp(program_invocation_short_name, name) == 0; }

__attribute__((constructor)) static void begin(void)
{
  find(&real_clock_gettime, "clock_gettime", NULL);
  find(&real_nanosleep, "nanosleep", NULL);
  find_conditions(CONDITIONS);
  find(&real_stat, "stat", NULL);
  find(&real_fstat, "fstat", NULL);
  owner = getpid();
  is_controller = is_called("slurmctld");
  is_daemon = is_controller || is_called("slurmd") || is_called("slurmstepd");
  is_sbatch = is_called("sbatch");
  if (!find_file()) {
    return;
  }
  int writes = is_controller;
  int file = open(path, (writes ? O_RDWR : O_RDONLY) | O_CLOEXEC);
  if (file < 0 && writes) {
    writes = 0;
    file = open(path, O_RDONLY | O_CLOEXEC);
  }
  if (file < 0) {
    return;
  }
  void *mapped = map(file, writes ? PROT_READ | PROT_WRITE : PROT_READ);
  shared = mapped;
  if (writes) {
    seen = &((struct clock *) mapped)->seen;
    asked = &((struct clock *) mapped)->asked;
    __atomic_store_n(asked, 0, __ATOMIC_SEQ_CST);
    find_in_program(&retry_list_size, "retry_list_size");
    find_in_program(&get_agent_count, "get_agent_count");
  }
}

/* ---- slurmctld's main thread ---------------------------------------------------------------------- */

/*
 * It looks once a second at what is to be done, such as jobs that wait. Where a message came, it looks
 * sooner: once it has had the time to be worked on, and again at growing intervals, as that may take longer.
 * It also looks at once when the clock was changed, and then says so. In an idle cluster it looks once a
 * second.
 */
#define SOON (SECOND / 500)
#define DOUBLED 9
/* Releases before 23.11 look after they have slept so often for so long. */
#define NAPS 10
#define NAP (SECOND / 10)

static int64_t oldest; /* message since the last look, by CLOCK_MONOTONIC; 0: none */
static int64_t newest;
static int64_t looked;
static uint64_t acting_on; /* the turn of the clock at the last look that saw a new one */
static int unanswered;     /* how often since then it was not quiet */
static int quiet;          /* how often since then it had nothing to send and no work */
static int rushed;         /* naps that are left out */
static pthread_cond_t *waits_on;

static int is_watcher(void) { return is_controller && shared != NULL && gettid() == owner; }

static int64_t monotonic_now(void)
{
  struct timespec now;
  real_clock_gettime(CLOCK_MONOTONIC, &now);
  return nanoseconds(&now);
}

static void note_message(void)
{
  int64_t now = monotonic_now(), none = 0;
  __atomic_store_n(&newest, now, __ATOMIC_SEQ_CST);
  __atomic_compare_exchange_n(&oldest, &none, now, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  pthread_cond_t *condition = __atomic_load_n(&waits_on, __ATOMIC_SEQ_CST);
  if (condition != NULL) {
    real_signal(condition);
  }
}

/* A connection that stays open for longer than any answer takes is slurmdbd's, or that to a silent daemon. */
#define ANSWERED (5 * SECOND)

/* Whether another of its threads runs, or was woken and waits for a processor. */
static int has_work(void)
{
  DIR *threads = opendir("/proc/self/task");
  int works = 0;
  for (struct dirent *thread; threads != NULL && !works && (thread = readdir(threads)) != NULL;) {
    char file[64], status[64];
    int id = atoi(thread->d_name);
    snprintf(file, sizeof file, "/proc/self/task/%d/stat", id);
    int open_file = id > 0 && id != owner ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    if (open_file < 0) {
      continue;
    }
    ssize_t length = read(open_file, status, sizeof status - 1);
    close(open_file);
    status[length > 0 ? length : 0] = 0;
    const char *name_end = strrchr(status, ')');
    works = name_end != NULL && strncmp(name_end, ") R", 3) == 0;
  }
  if (threads != NULL) {
    closedir(threads);
  }
  return works;
}

/*
 * Whether it has been without messages and work at so many looks. One look would not do: a message is in neither the
 * queue nor an agent while the agent's thread begins, and another thread notes the nodes' answers once the agent has
 * ended. That thread may have to wait for a processor.
 */
#define QUIET 15

static int is_quiet(void)
{
  if (retry_list_size == NULL || get_agent_count == NULL) {
    return 1;
  }
  if (retry_list_size() + get_agent_count() > 0) {
    quiet = 0;
  } else if (!has_work()) {
    quiet++;
  }
  return quiet > QUIET;
}

/*
 * It has acted on a change once the answers to what it then asked have been worked on: it asks all nodes after
 * hours of silence, and would take those for dead whose answer comes after another change.
 */
static void say_seen(void)
{
  /* By its own looks, of which a busy machine leaves fewer, and not by the time. */
  if (seen != NULL && *seen != acting_on && (is_quiet() || ++unanswered > ANSWERED / SOON)) {
    __atomic_store_n(seen, acting_on, __ATOMIC_RELEASE);
  }
}

/* How long it may wait, at most so many nanoseconds of the machine. */
static int64_t until_look(int64_t most)
{
  if (__atomic_load_n(&shared->turn, __ATOMIC_ACQUIRE) != acting_on) {
    return 0;
  }
  say_seen();
  if (seen != NULL && *seen != acting_on && most > SOON) {
    most = SOON;
  }
  if (shared->patient != 0) {
    return most;
  }
  int64_t now = monotonic_now(), due = now + most;
  int64_t first = __atomic_load_n(&oldest, __ATOMIC_SEQ_CST);
  int64_t last = __atomic_load_n(&newest, __ATOMIC_SEQ_CST);
  if (first != 0 && first + SOON < due) {
    due = first + SOON;
  }
  for (int i = 0; last != 0 && i < DOUBLED; i++) {
    int64_t next = last + (SOON << i);
    if (next > looked) {
      due = next < due ? next : due;
      break;
    }
  }
  return due > now ? due - now : 0;
}

/*
 * A message that is under way when the clock is moved would seem to have taken too long, and the job that it
 * starts would be queued again. So whoever moves the clock waits while slurmctld has asked somebody: while a
 * connection that it made is open.
 */
#define CONNECTIONS 4096

static int64_t connected[CONNECTIONS]; /* when, by CLOCK_MONOTONIC; 0: not, or answered */

static void answered(int socket)
{
  if (socket >= 0 && socket < CONNECTIONS && asked != NULL &&
      __atomic_exchange_n(&connected[socket], 0, __ATOMIC_SEQ_CST) != 0) {
    __atomic_sub_fetch(asked, 1, __ATOMIC_SEQ_CST);
  }
}

static void forget_old_connections(void)
{
  if (asked == NULL || __atomic_load_n(asked, __ATOMIC_SEQ_CST) == 0) {
    return;
  }
  int64_t old = monotonic_now() - ANSWERED;
  for (int socket = 0; socket < CONNECTIONS; socket++) {
    int64_t since = __atomic_load_n(&connected[socket], __ATOMIC_SEQ_CST);
    if (since != 0 && since < old) {
      answered(socket);
    }
  }
}

EXPORTED int connect(int socket, const struct sockaddr *address, socklen_t length)
{
  if (asked != NULL && address->sa_family != AF_UNIX && socket >= 0 && socket < CONNECTIONS &&
      getpid() == owner &&
      __atomic_exchange_n(&connected[socket], monotonic_now(), __ATOMIC_SEQ_CST) == 0) {
    __atomic_add_fetch(asked, 1, __ATOMIC_SEQ_CST);
  }
  return (int) syscall(SYS_connect, socket, address, length);
}

EXPORTED int close(int file)
{
  if (asked != NULL && getpid() == owner) {
    answered(file);
  }
  return (int) syscall(SYS_close, file);
}

/* Between two waits it has looked. */
static void waits(void)
{
  forget_old_connections();
  say_seen();
}

static void looks(void)
{
  uint64_t turn = __atomic_load_n(&shared->turn, __ATOMIC_ACQUIRE);
  if (turn != acting_on) {
    acting_on = turn;
    unanswered = 0;
    quiet = 0;
  }
  __atomic_store_n(&oldest, 0, __ATOMIC_SEQ_CST);
  looked = monotonic_now();
}

/* ---- what programs ask -------------------------------------------------------------------------- */

EXPORTED int clock_gettime(clockid_t id, struct timespec *time)
{
  if (shared == NULL || (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE)) {
    return real_clock_gettime(id, time);
  }
  *time = timespec(cluster_now());
  return 0;
}

EXPORTED int nanosleep(const struct timespec *wait, struct timespec *rest)
{
  if (shared == NULL || wait->tv_sec < 0 || wait->tv_nsec < 0 || wait->tv_nsec >= SECOND) {
    return real_nanosleep(wait, rest);
  }
  int64_t until = cluster_now() + nanoseconds(wait);
  int naps = nanoseconds(wait) == NAP && is_watcher();
  if (naps && rushed > 0) {
    rushed--;
    return 0;
  }
  if (naps) {
    waits();
  }
  for (int64_t next; (next = slice(until)) > 0;) {
    if (naps && (next = until_look(next < SLICE / 5 ? next : SLICE / 5)) == 0) {
      /* One look is among so many naps, however many of them have passed. */
      rushed = NAPS - 1;
      looks();
      return 0;
    }
    struct timespec part = timespec(next);
    if (real_nanosleep(&part, NULL) != 0) {
      if (rest != NULL) {
        int64_t left = until - cluster_now();
        *rest = timespec(left > 0 ? left : 0);
      }
      return -1;
    }
  }
  return 0;
}

EXPORTED int usleep(useconds_t wait)
{
  struct timespec time = timespec(wait * INT64_C(1000));
  return nanosleep(&time, NULL);
}

/*
 * sbatch --wait asks for its job after 2 seconds, and again after 8 and more. It asks sooner here, at most so
 * many nanoseconds of the machine later. A wait for a controller that is away begins with 1 second, and is
 * left as it is, because sbatch counts them.
 */
#define ASKS (SECOND / 5)

static unsigned sleep_of_sbatch(unsigned wait)
{
  static int64_t longest;
  static int counts;
  if (longest == 0) {
    counts = wait == 1;
    longest = ASKS / 8;
  }
  if (counts) {
    return wait;
  }
  struct timespec time = timespec(longest);
  if (wait * SECOND / pace().speed < longest) {
    return wait;
  }
  longest = longest * 2 < ASKS ? longest * 2 : ASKS;
  real_nanosleep(&time, NULL);
  return 0;
}

EXPORTED unsigned sleep(unsigned wait)
{
  if (is_sbatch && shared != NULL && shared->patient == 0 && (wait = sleep_of_sbatch(wait)) == 0) {
    return 0;
  }
  struct timespec time = {wait, 0}, rest;
  return nanosleep(&time, &rest) == 0 ? 0 : (unsigned) rest.tv_sec + (rest.tv_nsec > 0);
}

EXPORTED int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                                    const struct timespec *restrict time)
{
  if (shared == NULL || time->tv_nsec < 0 || time->tv_nsec >= SECOND) {
    return real_timedwait(condition, mutex, time);
  }
  uint32_t before = __atomic_load_n(signals_of(condition), __ATOMIC_SEQ_CST);
  /* At its end slurmctld waits longer for its threads, and looks for no work. */
  int watches = is_watcher() && nanoseconds(time) - cluster_now() <= SECOND;
  if (watches) {
    waits();
    __atomic_store_n(&waits_on, condition, __ATOMIC_SEQ_CST);
  }
  for (;;) {
    int64_t next = slice(nanoseconds(time));
    if (watches) {
      next = until_look(next);
      if (next == 0) {
        __atomic_store_n(&waits_on, NULL, __ATOMIC_SEQ_CST);
        looks();
      }
    }
    struct timespec until = timespec(machine_now() + next);
    int result = real_timedwait(condition, mutex, &until);
    if (next == 0) {
      return result;
    }
    if (__atomic_load_n(signals_of(condition), __ATOMIC_SEQ_CST) != before) {
      return 0;
    }
    /* A message has woken the watcher, which need not look yet. */
    if (result != ETIMEDOUT && !watches) {
      return result;
    }
  }
}

/* Each message to slurmctld comes on a connection of its own. */
EXPORTED int accept4(int socket, struct sockaddr *restrict address, socklen_t *restrict length, int flags)
{
  int accepted = (int) syscall(SYS_accept4, socket, address, length, flags);
  if (accepted >= 0 && is_controller) {
    note_message();
  }
  return accepted;
}

EXPORTED int accept(int socket, struct sockaddr *restrict address, socklen_t *restrict length)
{
  return accept4(socket, address, length, 0);
}

/* ---- files of daemons -------------------------------------------------------------------------- */

static void translate(struct timespec *time)
{
  struct pace now = pace();
  *time = timespec(cluster_time(&now, nanoseconds(time)));
}

static int translated(int result, struct stat *status)
{
  if (result == 0 && shared != NULL && is_daemon) {
    translate(&status->st_mtim);
    translate(&status->st_ctim);
    translate(&status->st_atim);
  }
  return result;
}

EXPORTED int stat(const char *restrict file, struct stat *restrict status)
{
  return translated(real_stat(file, status), status);
}

EXPORTED int fstat(int file, struct stat *status) { return translated(real_fstat(file, status), status); }
