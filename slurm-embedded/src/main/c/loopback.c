/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps Slurm on this machine. It is the first library that each of its programs needs, so that its
 * functions are found before those of the C library:
 *
 *   bind         of a wildcard address, IPv4 or IPv6, becomes one of 127.0.0.1. Slurm itself can
 *                only bind to what the host's name resolves to (CommunicationParameters=NoInAddrAny).
 *   getnameinfo  of a wildcard address has no answer, at once. Slurm asks for it when it starts, and
 *                where DNS does not answer that takes 5 to 20 s.
 *   getaddrinfo  finds addresses of loopback also where there is no other interface, as in a
 *                container without network: AI_ADDRCONFIG, which Slurm asks for, does not count it.
 *
 * A library in LD_PRELOAD would do the same, but also to the jobs.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

typedef int name_lookup(const struct sockaddr *, socklen_t, char *, socklen_t, char *, socklen_t,
                        int);
typedef int address_lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static int is_wildcard(const struct sockaddr *address, socklen_t length)
{
    if (address == NULL || length < sizeof(address->sa_family)) {
        return 0;
    }
    if (address->sa_family == AF_INET && length >= sizeof(struct sockaddr_in)) {
        return ((const struct sockaddr_in *) address)->sin_addr.s_addr == htonl(INADDR_ANY);
    }
    if (address->sa_family == AF_INET6 && length >= sizeof(struct sockaddr_in6)) {
        return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *) address)->sin6_addr);
    }
    return 0;
}

/* A socket that serves both families gets IPv4's loopback, one of IPv6 alone its own. */
static struct in6_addr loopback6(int socket)
{
    struct in6_addr loopback = IN6ADDR_LOOPBACK_INIT;
    int only6 = 0;
    socklen_t size = sizeof only6;
    if (getsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &only6, &size) == 0 && !only6) {
        static const unsigned char mapped[16] = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1};
        memcpy(&loopback, mapped, sizeof loopback);
    }
    return loopback;
}

EXPORTED int bind(int socket, const struct sockaddr *address, socklen_t length)
{
    struct sockaddr_in6 loopback; /* the larger of the two */
    if (is_wildcard(address, length)) {
        socklen_t known = length < sizeof loopback ? length : sizeof loopback;
        memcpy(&loopback, address, known);
        if (address->sa_family == AF_INET) {
            ((struct sockaddr_in *) &loopback)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        } else {
            loopback.sin6_addr = loopback6(socket);
        }
        return (int) syscall(SYS_bind, socket, &loopback, known);
    }
    return (int) syscall(SYS_bind, socket, address, length);
}

EXPORTED int getnameinfo(const struct sockaddr *address, socklen_t length, char *host,
                         socklen_t host_length, char *service, socklen_t service_length, int flags)
{
    static name_lookup *next;
    /* Without a host to look up, or as a number, it answers from the address alone. */
    if (is_wildcard(address, length) && host != NULL && host_length > 0 &&
        !(flags & NI_NUMERICHOST)) {
        return EAI_NONAME;
    }
    if (next == NULL) {
        next = (name_lookup *) dlsym(RTLD_NEXT, "getnameinfo");
        if (next == NULL) {
            errno = ENOSYS;
            return EAI_SYSTEM;
        }
    }
    return next(address, length, host, host_length, service, service_length, flags);
}

EXPORTED int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                         struct addrinfo **addresses)
{
    static address_lookup *next;
    struct addrinfo any_interface;
    if (hints != NULL) {
        any_interface = *hints;
        any_interface.ai_flags &= ~AI_ADDRCONFIG;
        hints = &any_interface;
    }
    if (next == NULL) {
        next = (address_lookup *) dlsym(RTLD_NEXT, "getaddrinfo");
        if (next == NULL) {
            errno = ENOSYS;
            return EAI_SYSTEM;
        }
    }
    return next(node, service, hints, addresses);
}
