/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program of a job, to try jobclock.c with: "waits WAY SECONDS" waits in one way that the C library has, and
 * prints how many seconds passed by CLOCK_REALTIME. It fails where the wait ended for another reason, or
 * CLOCK_MONOTONIC passed differently.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static time_t wait_for;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static struct timespec end_by(clockid_t id)
{
  struct timespec time;
  clock_gettime(id, &time);
  time.tv_sec += wait_for;
  return time;
}

static void be_woken(int signal) { (void) signal; }

/* Whether a call that returns -1 and sets errno ended for want of time. */
static int is_late(int result) { return result == -1 && errno == ETIMEDOUT; }

static int waits_on_condition(clockid_t of_condition, clockid_t of_time, int clocked)
{
  pthread_cond_t condition;
  pthread_condattr_t attributes;
  struct timespec end = end_by(of_time);
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, of_condition);
  pthread_cond_init(&condition, &attributes);
  pthread_mutex_lock(&mutex);
  return ETIMEDOUT == (clocked ? pthread_cond_clockwait(&condition, &mutex, of_time, &end)
                               : pthread_cond_timedwait(&condition, &mutex, &end));
}

static int waits_for_timer(int flags, struct timespec end)
{
  timer_t timer;
  struct itimerspec setting = {{0, 0}, end};
  signal(SIGALRM, be_woken);
  return timer_create(CLOCK_REALTIME, NULL, &timer) == 0 && timer_settime(timer, flags, &setting, NULL) == 0 &&
         pause() == -1;
}

static int waits(const char *way)
{
  struct timespec wait = {wait_for, 0}, realtime = end_by(CLOCK_REALTIME), monotonic = end_by(CLOCK_MONOTONIC);
  if (strcmp(way, "sleep") == 0) {
    return sleep((unsigned) wait_for) == 0;
  }
  if (strcmp(way, "nanosleep") == 0) {
    return nanosleep(&wait, NULL) == 0;
  }
  if (strcmp(way, "clock_nanosleep") == 0) {
    return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &monotonic, NULL) == 0;
  }
  if (strcmp(way, "poll") == 0) {
    return poll(NULL, 0, (int) wait_for * 1000) == 0;
  }
  if (strcmp(way, "ppoll") == 0) {
    return ppoll(NULL, 0, &wait, NULL) == 0;
  }
  if (strcmp(way, "select") == 0) {
    struct timeval part = {wait_for, 0};
    return select(0, NULL, NULL, NULL, &part) == 0 && part.tv_sec == 0;
  }
  if (strcmp(way, "pselect") == 0) {
    return pselect(0, NULL, NULL, NULL, &wait, NULL) == 0;
  }
  if (strcmp(way, "epoll_wait") == 0) {
    struct epoll_event event;
    return epoll_wait(epoll_create1(0), &event, 1, (int) wait_for * 1000) == 0;
  }
  if (strcmp(way, "sigtimedwait") == 0) {
    sigset_t signals;
    sigemptyset(&signals);
    return sigtimedwait(&signals, NULL, &wait) == -1 && errno == EAGAIN;
  }
  if (strcmp(way, "sem_timedwait") == 0 || strcmp(way, "sem_clockwait") == 0) {
    sem_t semaphore;
    sem_init(&semaphore, 0, 0);
    return is_late(way[4] == 't' ? sem_timedwait(&semaphore, &realtime)
                                 : sem_clockwait(&semaphore, CLOCK_MONOTONIC, &monotonic));
  }
  if (strcmp(way, "pthread_mutex_timedlock") == 0) {
    pthread_mutex_lock(&mutex);
    return pthread_mutex_timedlock(&mutex, &realtime) == ETIMEDOUT;
  }
  if (strcmp(way, "pthread_cond_timedwait") == 0) {
    return waits_on_condition(CLOCK_REALTIME, CLOCK_REALTIME, 0);
  }
  if (strcmp(way, "pthread_cond_timedwait_of_CLOCK_MONOTONIC") == 0) {
    return waits_on_condition(CLOCK_MONOTONIC, CLOCK_MONOTONIC, 0);
  }
  if (strcmp(way, "pthread_cond_clockwait") == 0) {
    return waits_on_condition(CLOCK_REALTIME, CLOCK_MONOTONIC, 1);
  }
  if (strcmp(way, "FUTEX_WAIT") == 0) {
    int value = 0;
    return is_late((int) syscall(SYS_futex, &value, FUTEX_WAIT_PRIVATE, 0, &wait));
  }
  if (strcmp(way, "FUTEX_WAIT_BITSET") == 0) {
    int value = 0;
    return is_late((int) syscall(SYS_futex, &value, FUTEX_WAIT_BITSET_PRIVATE, 0, &monotonic, NULL,
                                 FUTEX_BITSET_MATCH_ANY));
  }
  if (strcmp(way, "alarm") == 0) {
    signal(SIGALRM, be_woken);
    alarm((unsigned) wait_for);
    return sleep((unsigned) wait_for * 1000) > 0;
  }
  if (strcmp(way, "timer_settime") == 0) {
    return waits_for_timer(0, wait);
  }
  if (strcmp(way, "timer_settime_TIMER_ABSTIME") == 0) {
    return waits_for_timer(TIMER_ABSTIME, realtime);
  }
  if (strcmp(way, "timerfd_settime") == 0) {
    int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    uint64_t times;
    struct itimerspec setting = {{0, 0}, monotonic};
    return timerfd_settime(timer, TFD_TIMER_ABSTIME, &setting, NULL) == 0 &&
           read(timer, &times, sizeof times) == sizeof times;
  }
  fprintf(stderr, "waits: unknown: %s\n", way);
  return 0;
}

int main(int count, char **arguments)
{
  struct timespec before[2], after[2];
  if (count != 3) {
    return 2;
  }
  wait_for = atol(arguments[2]);
  clock_gettime(CLOCK_REALTIME, &before[0]);
  clock_gettime(CLOCK_MONOTONIC, &before[1]);
  if (!waits(arguments[1])) {
    perror(arguments[1]);
    return 1;
  }
  clock_gettime(CLOCK_REALTIME, &after[0]);
  clock_gettime(CLOCK_MONOTONIC, &after[1]);
  long passed = after[0].tv_sec - before[0].tv_sec;
  printf("%ld\n", passed);
  /* Between two calls, a clock that runs a thousand times as fast passes by seconds on a busy machine. */
  return labs(after[1].tv_sec - before[1].tv_sec - passed) > wait_for;
}
