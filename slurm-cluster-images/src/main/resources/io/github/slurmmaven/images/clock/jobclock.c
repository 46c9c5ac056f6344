/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock of a cluster for the programs of its jobs, where jobClock is set: a task's LD_PRELOAD names this
 * library, and SLURM_JOB_CLOCK the clock's file. All clocks of the machine then run at the cluster's pace, and
 * go forward when it is moved:
 *
 *   time, gettimeofday, clock_gettime    CLOCK_REALTIME is the time of the cluster; CLOCK_MONOTONIC and
 *                                        CLOCK_BOOTTIME are ahead of the machine's by as much
 *   sleeps; time-outs of poll, select,   wait for a time of the cluster, and end early when its clock is
 *   epoll, locks, semaphores, conditions moved
 *   alarm, setitimer, timer_settime,     as long as that is at the pace at which they begin
 *   timerfd_settime
 *
 * The programs are those of the machine, with a C library of any release. So this library asks for no version
 * of a function, and for few functions but those that it looks up.
 *
 * Slurm's commands have slurmclock.c, which this library finds by its symbol slurm_clock. It then passes each
 * call on to it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"

#define MILLISECOND (SECOND / 1000)
#define MICROSECOND (SECOND / 1000000)

static int begun;

/* Each function of the C library that is answered here, as REAL(name, type of its result, its parameters). */
#define FUNCTIONS                                                                                               \
  REAL(nanosleep, int, const struct timespec *, struct timespec *)                                             \
  REAL(sleep, unsigned, unsigned)                                                                              \
  REAL(poll, int, struct pollfd *, nfds_t, int)                                                                \
  REAL(select, int, int, fd_set *, fd_set *, fd_set *, struct timeval *)                                       \
  REAL(clock_nanosleep, int, clockid_t, int, const struct timespec *, struct timespec *)                       \
  REAL(ppoll, int, struct pollfd *, nfds_t, const struct timespec *, const sigset_t *)                         \
  REAL(pselect, int, int, fd_set *, fd_set *, fd_set *, const struct timespec *, const sigset_t *)             \
  REAL(epoll_pwait, int, int, struct epoll_event *, int, int, const sigset_t *)                                \
  REAL(sigtimedwait, int, const sigset_t *, siginfo_t *, const struct timespec *)                              \
  REAL(pthread_cond_clockwait, int, pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *)   \
  REAL(sem_timedwait, int, sem_t *, const struct timespec *)                                                   \
  REAL(pthread_mutex_timedlock, int, pthread_mutex_t *, const struct timespec *)                               \
  REAL(pthread_rwlock_timedrdlock, int, pthread_rwlock_t *, const struct timespec *)                           \
  REAL(pthread_rwlock_timedwrlock, int, pthread_rwlock_t *, const struct timespec *)                           \
  REAL(setitimer, int, int, const struct itimerval *, struct itimerval *)                                      \
  REAL(getitimer, int, int, struct itimerval *)                                                                \
  REAL(timer_settime, int, timer_t, int, const struct itimerspec *, struct itimerspec *)                       \
  REAL(timer_gettime, int, timer_t, struct itimerspec *)                                                       \
  REAL(timerfd_settime, int, int, int, const struct itimerspec *, struct itimerspec *)                         \
  REAL(timerfd_gettime, int, int, struct itimerspec *)                                                         \
  REAL(syscall, long, long, ...)

#define REAL(name, result, ...) static result (*real_##name)(__VA_ARGS__);
FUNCTIONS
#undef REAL

__attribute__((constructor)) static void begin(void)
{
  if (begun) {
    return;
  }
  begun = 1;
  int is_slurms = dlsym(RTLD_DEFAULT, "slurm_clock") != NULL;
  find(&real_clock_gettime, "clock_gettime", NULL);
  find_conditions(is_slurms ? NULL : CONDITIONS);
#define REAL(name, result, ...) find(&real_##name, #name, NULL);
  FUNCTIONS
#undef REAL
  /* Where a timer got its present form, on x86-64 alone. */
  find(&real_timer_settime, "timer_settime", "GLIBC_2.3.3");
  find(&real_timer_gettime, "timer_gettime", "GLIBC_2.3.3");
  const char *name = getenv("SLURM_JOB_CLOCK");
  if (name == NULL || strlen(name) >= sizeof path || is_slurms) {
    return;
  }
  strcpy(path, name);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    give_up("cannot be read");
  }
  shared = map(file, PROT_READ);
}

static int is_shared(void)
{
  begin();
  return shared != NULL;
}

/* ---- clocks ------------------------------------------------------------------------------------- */

/* Whether a clock runs with the cluster's: not one that counts a processor's time. */
static int follows(clockid_t id)
{
  switch (id) {
  case CLOCK_REALTIME:
  case CLOCK_REALTIME_COARSE:
  case CLOCK_REALTIME_ALARM:
  case CLOCK_TAI:
  case CLOCK_MONOTONIC:
  case CLOCK_MONOTONIC_COARSE:
  case CLOCK_MONOTONIC_RAW:
  case CLOCK_BOOTTIME:
  case CLOCK_BOOTTIME_ALARM:
    return 1;
  default:
    return 0;
  }
}

EXPORTED int clock_gettime(clockid_t id, struct timespec *time)
{
  if (!is_shared() || !follows(id)) {
    return real_clock_gettime(id, time);
  }
  /* So that no clock ever runs backwards, the machine's time is read once, and before. */
  struct pace now = pace();
  int64_t machine = machine_now(), cluster = cluster_time(&now, machine);
  int result = id == CLOCK_REALTIME ? 0 : real_clock_gettime(id, time);
  if (result == 0) {
    *time = timespec(id == CLOCK_REALTIME ? cluster : nanoseconds(time) + cluster - machine);
  }
  return result;
}

/* When a wait ends, by the time of the cluster. */
static int64_t end_of(int64_t wait)
{
  int64_t now = cluster_now(), most = NEVER * SECOND - now;
  return now + (wait < most ? wait : most);
}

static int64_t end_at(clockid_t id, const struct timespec *time)
{
  struct timespec now;
  clock_gettime(id, &now);
  return end_of(nanoseconds(time) - nanoseconds(&now));
}

/* The clock of a time that a program gives without one: of CLOCK_REALTIME it is after 2001, and of
   CLOCK_MONOTONIC less than 31 years after the machine's start. */
static clockid_t clock_of(const struct timespec *time)
{
  return time->tv_sec < 1000000000 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
}

static struct timespec left_until(int64_t until)
{
  int64_t left = until - cluster_now();
  return timespec(left > 0 ? left : 0);
}

static int is_time(const struct timespec *time)
{
  return time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < SECOND;
}

static int64_t microseconds(const struct timeval *time)
{
  struct timespec same = {time->tv_sec, time->tv_usec * 1000};
  return nanoseconds(&same);
}

static struct timeval timeval(int64_t nanoseconds)
{
  struct timespec time = timespec(nanoseconds);
  return (struct timeval){time.tv_sec, time.tv_nsec / 1000};
}

/* The end of a slice for functions that take a time of the machine. */
static struct timespec slice_end(clockid_t id, int64_t next)
{
  struct timespec now;
  real_clock_gettime(id, &now);
  return timespec(nanoseconds(&now) + next);
}

/* ---- sleeps and time-outs ----------------------------------------------------------------------- */

/*
 * Waits that a signal ends. One that came between two slices would be missed, so signals are let in during
 * slices alone.
 */
static void hold_signals(sigset_t *before)
{
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, before);
}

static void release_signals(const sigset_t *before)
{
  int error = errno;
  sigprocmask(SIG_SETMASK, before, NULL);
  errno = error;
}

static int poll_until(struct pollfd *files, nfds_t count, int64_t until, const sigset_t *mask)
{
  sigset_t before;
  int result;
  hold_signals(&before);
  for (;;) {
    int64_t next = slice(until);
    struct timespec part = timespec(next);
    result = real_ppoll(files, count, &part, mask != NULL ? mask : &before);
    if (result != 0 || next == 0) {
      break;
    }
  }
  release_signals(&before);
  return result;
}

EXPORTED int ppoll(struct pollfd *files, nfds_t count, const struct timespec *wait, const sigset_t *mask)
{
  if (!is_shared() || wait == NULL || !is_time(wait)) {
    return real_ppoll(files, count, wait, mask);
  }
  return poll_until(files, count, end_of(nanoseconds(wait)), mask);
}

EXPORTED int poll(struct pollfd *files, nfds_t count, int wait)
{
  if (!is_shared() || wait <= 0) {
    return real_poll(files, count, wait);
  }
  return poll_until(files, count, end_of(wait * MILLISECOND), NULL);
}

/* What a program calls instead that was compiled with _FORTIFY_SOURCE. */
EXPORTED int __poll_chk(struct pollfd *files, nfds_t count, int wait, size_t size)
{
  if (size / sizeof *files < count) {
    abort();
  }
  return poll(files, count, wait);
}

EXPORTED int __ppoll_chk(struct pollfd *files, nfds_t count, const struct timespec *wait, const sigset_t *mask,
                         size_t size)
{
  if (size / sizeof *files < count) {
    abort();
  }
  return ppoll(files, count, wait, mask);
}

static int select_until(int count, fd_set *sets[3], int64_t until, const sigset_t *mask)
{
  size_t size = ((size_t) count + 63) / 64 * 8;
  char asked[3][size + 1];
  sigset_t before;
  int result;
  for (int i = 0; i < 3; i++) {
    if (sets[i] != NULL) {
      memcpy(asked[i], sets[i], size);
    }
  }
  hold_signals(&before);
  for (;;) {
    int64_t next = slice(until);
    struct timespec part = timespec(next);
    result = real_pselect(count, sets[0], sets[1], sets[2], &part, mask != NULL ? mask : &before);
    if (result != 0 || next == 0) {
      break;
    }
    for (int i = 0; i < 3; i++) {
      if (sets[i] != NULL) {
        memcpy(sets[i], asked[i], size);
      }
    }
  }
  release_signals(&before);
  return result;
}

EXPORTED int pselect(int count, fd_set *restrict reads, fd_set *restrict writes, fd_set *restrict others,
                     const struct timespec *restrict wait, const sigset_t *restrict mask)
{
  if (!is_shared() || count < 0 || wait == NULL || !is_time(wait)) {
    return real_pselect(count, reads, writes, others, wait, mask);
  }
  return select_until(count, (fd_set *[]){reads, writes, others}, end_of(nanoseconds(wait)), mask);
}

EXPORTED int select(int count, fd_set *restrict reads, fd_set *restrict writes, fd_set *restrict others,
                    struct timeval *restrict wait)
{
  if (!is_shared() || count < 0 || wait == NULL || wait->tv_sec < 0 || wait->tv_usec < 0) {
    return real_select(count, reads, writes, others, wait);
  }
  int64_t until = end_of(microseconds(wait));
  int result = select_until(count, (fd_set *[]){reads, writes, others}, until, NULL);
  struct timespec left = left_until(until);
  *wait = timeval(nanoseconds(&left));
  return result;
}

static int epoll_until(int poll, struct epoll_event *events, int most, int64_t until, const sigset_t *mask)
{
  sigset_t before;
  int result;
  hold_signals(&before);
  for (;;) {
    int64_t next = slice(until);
    int part = (int) ((next + MILLISECOND - 1) / MILLISECOND);
    result = real_epoll_pwait(poll, events, most, part, mask != NULL ? mask : &before);
    if (result != 0 || next == 0) {
      break;
    }
  }
  release_signals(&before);
  return result;
}

EXPORTED int epoll_pwait(int poll, struct epoll_event *events, int most, int wait, const sigset_t *mask)
{
  if (!is_shared() || wait <= 0) {
    return real_epoll_pwait(poll, events, most, wait, mask);
  }
  return epoll_until(poll, events, most, end_of(wait * MILLISECOND), mask);
}

EXPORTED int epoll_wait(int poll, struct epoll_event *events, int most, int wait)
{
  return epoll_pwait(poll, events, most, wait, NULL);
}

EXPORTED int epoll_pwait2(int poll, struct epoll_event *events, int most, const struct timespec *wait,
                          const sigset_t *mask)
{
  begin();
  if (wait == NULL) {
    return real_epoll_pwait(poll, events, most, -1, mask);
  }
  if (!is_time(wait)) {
    errno = EINVAL;
    return -1;
  }
  return epoll_until(poll, events, most, end_of(nanoseconds(wait)), mask);
}

EXPORTED int clock_nanosleep(clockid_t id, int flags, const struct timespec *wait, struct timespec *rest)
{
  if (!is_shared() || !follows(id) || !is_time(wait)) {
    return real_clock_nanosleep(id, flags, wait, rest);
  }
  int64_t until = flags & TIMER_ABSTIME ? end_at(id, wait) : end_of(nanoseconds(wait));
  int before = errno, result = poll_until(NULL, 0, until, NULL) == 0 ? 0 : errno;
  errno = before;
  if (result != 0 && rest != NULL && !(flags & TIMER_ABSTIME)) {
    *rest = left_until(until);
  }
  return result;
}

EXPORTED int nanosleep(const struct timespec *wait, struct timespec *rest)
{
  if (!is_shared()) {
    return real_nanosleep(wait, rest);
  }
  int result = clock_nanosleep(CLOCK_REALTIME, 0, wait, rest);
  if (result != 0) {
    errno = result;
  }
  return result == 0 ? 0 : -1;
}

EXPORTED int usleep(useconds_t wait)
{
  struct timespec time = timespec(wait * MICROSECOND);
  return nanosleep(&time, NULL);
}

EXPORTED unsigned sleep(unsigned wait)
{
  if (!is_shared()) {
    return real_sleep(wait);
  }
  struct timespec time = {wait, 0}, rest;
  return nanosleep(&time, &rest) == 0 ? 0 : (unsigned) rest.tv_sec + (rest.tv_nsec > 0);
}

EXPORTED int sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict signal,
                          const struct timespec *restrict wait)
{
  if (!is_shared() || wait == NULL || !is_time(wait)) {
    return real_sigtimedwait(set, signal, wait);
  }
  int64_t until = end_of(nanoseconds(wait));
  for (;;) {
    int64_t next = slice(until);
    struct timespec part = timespec(next);
    int result = real_sigtimedwait(set, signal, &part);
    if (result >= 0 || errno != EAGAIN || next == 0) {
      return result;
    }
  }
}

/* ---- locks and semaphores ------------------------------------------------------------------------ */

/* Calls a function that takes a time of the machine, "part", until its slices have come to the end. FAILED says
   whether the call ran out of time. */
#define SLICED(type, call, failed)                                                                              \
  for (;;) {                                                                                                    \
    int64_t next = slice(until);                                                                                \
    struct timespec part = slice_end(CLOCK_REALTIME, next);                                                     \
    type result = (call);                                                                                       \
    if (!(failed) || next == 0) {                                                                               \
      return result;                                                                                            \
    }                                                                                                           \
  }

EXPORTED int sem_clockwait(sem_t *restrict semaphore, clockid_t id, const struct timespec *restrict time)
{
  if (!is_time(time) || (id != CLOCK_REALTIME && id != CLOCK_MONOTONIC)) {
    errno = EINVAL;
    return -1;
  }
  begin();
  int64_t until = end_at(id, time);
  SLICED(int, real_sem_timedwait(semaphore, &part), result != 0 && errno == ETIMEDOUT)
}

EXPORTED int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict time)
{
  if (!is_shared() || !is_time(time)) {
    return real_sem_timedwait(semaphore, time);
  }
  return sem_clockwait(semaphore, CLOCK_REALTIME, time);
}

#define TIMED(timed, clocked, parameter)                                                                        \
  EXPORTED int clocked(parameter *restrict lock, clockid_t id, const struct timespec *restrict time)            \
  {                                                                                                             \
    if (!is_time(time) || (id != CLOCK_REALTIME && id != CLOCK_MONOTONIC)) {                                    \
      return EINVAL;                                                                                            \
    }                                                                                                           \
    begin();                                                                                                    \
    int64_t until = end_at(id, time);                                                                           \
    SLICED(int, real_##timed(lock, &part), result == ETIMEDOUT)                                                 \
  }                                                                                                             \
                                                                                                                \
  EXPORTED int timed(parameter *restrict lock, const struct timespec *restrict time)                            \
  {                                                                                                             \
    if (!is_shared() || !is_time(time)) {                                                                       \
      return real_##timed(lock, time);                                                                          \
    }                                                                                                           \
    return clocked(lock, CLOCK_REALTIME, time);                                                                 \
  }

TIMED(pthread_mutex_timedlock, pthread_mutex_clocklock, pthread_mutex_t)
TIMED(pthread_rwlock_timedrdlock, pthread_rwlock_clockrdlock, pthread_rwlock_t)
TIMED(pthread_rwlock_timedwrlock, pthread_rwlock_clockwrlock, pthread_rwlock_t)

/* What libraries wait with that do without those of the C library, such as those of Rust and C++. */
EXPORTED long syscall(long number, ...)
{
  long values[6];
  va_list list;
  va_start(list, number);
  for (int i = 0; i < 6; i++) {
    values[i] = va_arg(list, long);
  }
  va_end(list);
  begin();
  const struct timespec *wait = (const struct timespec *) values[3];
  int command = values[1] & FUTEX_CMD_MASK;
  if (shared == NULL || number != SYS_futex || (command != FUTEX_WAIT && command != FUTEX_WAIT_BITSET) ||
      wait == NULL || !is_time(wait)) {
    return real_syscall(number, values[0], values[1], values[2], values[3], values[4], values[5]);
  }
  clockid_t id = values[1] & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC;
  int64_t until = command == FUTEX_WAIT ? end_of(nanoseconds(wait)) : end_at(id, wait);
  for (;;) {
    int64_t next = slice(until);
    struct timespec part = command == FUTEX_WAIT ? timespec(next) : slice_end(id, next);
    long result = real_syscall(number, values[0], values[1], values[2], (long) &part, values[4], values[5]);
    if (result == 0 || errno != ETIMEDOUT || next == 0) {
      return result;
    }
  }
}

/* ---- conditions ---------------------------------------------------------------------------------- */

/* With the clock that the time is of; "clocked" says whether the condition may have another one. */
static int wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t id,
                      const struct timespec *time, int clocked)
{
  int64_t until = end_at(id, time);
  uint32_t before = __atomic_load_n(signals_of(condition), __ATOMIC_SEQ_CST);
  for (;;) {
    int64_t next = slice(until);
    struct timespec part = slice_end(id, next);
    int result = clocked ? real_pthread_cond_clockwait(condition, mutex, id, &part)
                         : real_timedwait(condition, mutex, &part);
    if (result != ETIMEDOUT || next == 0) {
      return result;
    }
    if (__atomic_load_n(signals_of(condition), __ATOMIC_SEQ_CST) != before) {
      return 0;
    }
  }
}

EXPORTED int pthread_cond_clockwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                                    clockid_t id, const struct timespec *restrict time)
{
  if (!is_shared() || !is_time(time)) {
    return real_pthread_cond_clockwait(condition, mutex, id, time);
  }
  return wait_until(condition, mutex, id, time, 1);
}

EXPORTED int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                                    const struct timespec *restrict time)
{
  if (!is_shared() || !is_time(time)) {
    return real_timedwait(condition, mutex, time);
  }
  return wait_until(condition, mutex, clock_of(time), time, 0);
}

/* ---- timers -------------------------------------------------------------------------------------- */

/* So long is a time of the cluster on the machine; not 0, which would disarm a timer. */
static int64_t on_machine(int64_t wait)
{
  int64_t speed = pace().speed;
  return (wait + speed - 1) / speed;
}

static int64_t in_cluster(int64_t wait) { return wait * pace().speed; }

static struct itimerval itimer(const struct itimerval *timer, int64_t (*convert)(int64_t))
{
  struct itimerval converted = {timeval(convert(microseconds(&timer->it_interval))),
                                timeval(convert(microseconds(&timer->it_value)))};
  if (microseconds(&timer->it_value) > 0 && microseconds(&converted.it_value) == 0) {
    converted.it_value.tv_usec = 1;
  }
  if (microseconds(&timer->it_interval) > 0 && microseconds(&converted.it_interval) == 0) {
    converted.it_interval.tv_usec = 1;
  }
  return converted;
}

EXPORTED int getitimer(__itimer_which_t which, struct itimerval *timer)
{
  begin();
  int result = real_getitimer(which, timer);
  if (result == 0 && which == ITIMER_REAL) {
    *timer = itimer(timer, in_cluster);
  }
  return result;
}

EXPORTED int setitimer(__itimer_which_t which, const struct itimerval *restrict timer,
                       struct itimerval *restrict old)
{
  begin();
  if (which != ITIMER_REAL || timer == NULL) {
    return real_setitimer(which, timer, old);
  }
  struct itimerval part = itimer(timer, on_machine);
  int result = real_setitimer(which, &part, old);
  if (result == 0 && old != NULL) {
    *old = itimer(old, in_cluster);
  }
  return result;
}

EXPORTED unsigned alarm(unsigned wait)
{
  struct itimerval timer = {{0, 0}, {wait, 0}}, old = {{0, 0}, {0, 0}};
  setitimer(ITIMER_REAL, &timer, &old);
  return (unsigned) old.it_value.tv_sec + (old.it_value.tv_usec > 0);
}

static void converted(struct itimerspec *timer, int64_t (*convert)(int64_t))
{
  timer->it_value = timespec(convert(nanoseconds(&timer->it_value)));
  timer->it_interval = timespec(convert(nanoseconds(&timer->it_interval)));
}

/* The argument of timer_settime and timerfd_settime, as a time from now. */
static struct itimerspec from_now(int absolute, const struct itimerspec *timer)
{
  struct itimerspec part = *timer;
  if (absolute && nanoseconds(&timer->it_value) > 0) {
    part.it_value = left_until(end_at(clock_of(&timer->it_value), &timer->it_value));
    if (nanoseconds(&part.it_value) == 0) {
      part.it_value.tv_nsec = 1;
    }
  }
  converted(&part, on_machine);
  return part;
}

#define TIMER(settime, gettime, type)                                                                           \
  EXPORTED int settime(type timer, int flags, const struct itimerspec *restrict wait,                           \
                       struct itimerspec *restrict old)                                                         \
  {                                                                                                             \
    if (!is_shared() || wait == NULL || !is_time(&wait->it_value) || !is_time(&wait->it_interval)) {            \
      return real_##settime(timer, flags, wait, old);                                                           \
    }                                                                                                           \
    struct itimerspec part = from_now(flags & TIMER_ABSTIME, wait);                                             \
    int result = real_##settime(timer, flags & ~TIMER_ABSTIME, &part, old);                                     \
    if (result == 0 && old != NULL) {                                                                           \
      converted(old, in_cluster);                                                                               \
    }                                                                                                           \
    return result;                                                                                              \
  }                                                                                                             \
                                                                                                                \
  EXPORTED int gettime(type timer, struct itimerspec *left)                                                     \
  {                                                                                                             \
    begin();                                                                                                    \
    int result = real_##gettime(timer, left);                                                                   \
    if (result == 0) {                                                                                          \
      converted(left, in_cluster);                                                                              \
    }                                                                                                           \
    return result;                                                                                              \
  }

_Static_assert(TFD_TIMER_ABSTIME == TIMER_ABSTIME, "one flag for both kinds of timers");
TIMER(timer_settime, timer_gettime, timer_t)
TIMER(timerfd_settime, timerfd_gettime, int)
