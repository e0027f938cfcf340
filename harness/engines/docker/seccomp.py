"""The system calls that a container may make, as a seccomp profile in the format of the engine.

The profile is a list of what is allowed. It has what compilers and interpreters need, and leaves
out what reaches past the container: io_uring, sockets of hypervisors (AF_VSOCK) and of other
unusual families, namespaces, mounts, keys, BPF and performance counters. A call that it does not
name fails with EPERM.
"""

from __future__ import annotations

import errno
import json
import socket
from typing import Any

NAMESPACE_FLAGS = 0x7E020000
"""The flags of clone(2) that make a namespace: CLONE_NEWNS, _NEWCGROUP, _NEWUTS, _NEWIPC,
_NEWUSER, _NEWPID and _NEWNET of <linux/sched.h>."""

SOCKET_FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)
"""The families of sockets. Runtime libraries also ask for addresses, through AF_NETLINK with the
protocol NETLINK_ROUTE, which is 0."""

PERSONALITIES = (0x0, 0x8, 0x20000, 0x20008, 0xFFFFFFFF)
"""The execution domains of personality(2): Linux, 32 bits, another version of the kernel, both,
and the question which one is set."""

FILES = """
    access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat
    faccessat2 fadvise64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync
    fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstatfs fsync ftruncate futimesat getcwd
    getdents getdents64 getxattr ioctl lchown lgetxattr link linkat listxattr llistxattr
    lremovexattr lseek lsetxattr lstat mkdir mkdirat mknod mknodat newfstatat open openat openat2
    pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat
    readv removexattr rename renameat renameat2 rmdir sendfile setxattr splice stat statfs statx
    symlink symlinkat sync sync_file_range syncfs tee truncate umask unlink unlinkat utime utimensat
    utimes vmsplice write writev
"""
MEMORY = """
    brk cachestat madvise map_shadow_stack membarrier memfd_create mincore mlock mlock2 mlockall
    mmap mprotect mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect
    process_madvise process_mrelease riscv_flush_icache
"""
PROCESSES = """
    arch_prctl capget capset execve execveat exit exit_group fork get_robust_list getcpu getegid
    geteuid getgid getgroups getpgid getpgrp getpid getppid getpriority getresgid getresuid
    getrlimit getrusage getsid gettid getuid ioprio_get ioprio_set kill landlock_add_rule
    landlock_create_ruleset landlock_restrict_self pidfd_getfd pidfd_open pidfd_send_signal prctl
    prlimit64 process_vm_readv process_vm_writev ptrace riscv_hwprobe rseq sched_get_priority_max
    sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
    sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler
    sched_yield seccomp set_robust_list set_tid_address setfsgid setfsuid setgid setgroups setpgid
    setpriority setregid setresgid setresuid setreuid setrlimit setsid setuid sysinfo tgkill times
    tkill uname vfork wait4 waitid
"""
WAITING = """
    epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 futex
    futex_requeue futex_wait futex_waitv futex_wake inotify_add_watch inotify_init inotify_init1
    inotify_rm_watch pause poll ppoll pselect6 restart_syscall rt_sigaction rt_sigpending
    rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo
    select sigaltstack signalfd signalfd4
"""
TIME = """
    alarm clock_getres clock_gettime clock_nanosleep getitimer getrandom gettimeofday nanosleep
    setitimer time timer_create timer_delete timer_getoverrun timer_gettime timer_settime
    timerfd_create timerfd_gettime timerfd_settime
"""
MESSAGES = """
    accept accept4 bind connect getpeername getsockname getsockopt listen msgctl msgget msgrcv
    msgsnd recvfrom recvmmsg recvmsg semctl semget semop semtimedop sendmmsg sendmsg sendto
    setsockopt shmat shmctl shmdt shmget shutdown socketpair
"""
"""The calls without conditions, by what they are about. `socketpair` has no family but AF_UNIX."""

ALLOWED_CALLS = tuple(
    name for group in (FILES, MEMORY, PROCESSES, WAITING, TIME, MESSAGES) for name in group.split()
)


def build_profile() -> str:
    """Return the profile as JSON. It is for the processor's own 64-bit calls only."""
    rules = [
        {"names": list(ALLOWED_CALLS), "action": "SCMP_ACT_ALLOW"},
        *(_allow("socket", family) for family in SOCKET_FAMILIES),
        _allow("socket", socket.AF_NETLINK, protocol=0),
        *(_allow("personality", domain) for domain in PERSONALITIES),
        _allow_clone(),
        # Its flags are in memory, where a filter cannot read them. The C library then uses clone.
        {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": errno.ENOSYS},
    ]
    return json.dumps({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": rules})


def _allow(name: str, first: int, protocol: int | None = None) -> dict[str, Any]:
    """Allow a call whose first argument, with all its 64 bits, is `first`, and whose third is
    `protocol`, if given."""
    values = {0: int(first)} if protocol is None else {0: int(first), 2: protocol}
    arguments = [
        {"index": index, "value": value, "op": "SCMP_CMP_EQ"} for index, value in values.items()
    ]
    return {"names": [name], "action": "SCMP_ACT_ALLOW", "args": arguments}


def _allow_clone() -> dict[str, Any]:
    """Allow new processes and threads, but no new namespaces."""
    argument = {"index": 0, "value": NAMESPACE_FLAGS, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}
    return {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [argument]}
