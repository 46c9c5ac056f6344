/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lets slurmrestd run as the user of slurmctld, or as root. It is the first library that slurmrestd
 * needs, so that its functions are found before those of the C library: each tells an id that is
 * neither root's nor the process's own. slurmrestd would end otherwise, because others could use its
 * user's rights. Here all processes of a cluster have one user, slurmrestd takes nothing but tokens,
 * which slurmctld checks, and listens on loopback alone. Slurm 26.05 cannot be told so by
 * SLURMRESTD_SECURITY=disable_user_check any more.
 */
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

#define NOBODY 65534

static unsigned int other_than(long id)
{
    return id == NOBODY ? NOBODY - 1 : NOBODY;
}

EXPORTED uid_t getuid(void)
{
    return other_than(syscall(SYS_getuid));
}

EXPORTED uid_t geteuid(void)
{
    return other_than(syscall(SYS_geteuid));
}

EXPORTED gid_t getgid(void)
{
    return other_than(syscall(SYS_getgid));
}

EXPORTED gid_t getegid(void)
{
    return other_than(syscall(SYS_getegid));
}
