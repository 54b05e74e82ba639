//! Starts a process with `clone(2)`, telling exactly which step failed when it can't be started.
//!
//! Without a change of user the child borrows the memory of its parent until it executes
//! (`CLONE_VM | CLONE_VFORK`, what `posix_spawn` does), so the cost does not grow with the parent.
//! With a change of user the child gets a copy of the memory: a process that runs under the task's
//! account must never share memory with one that runs as root.
#![allow(unsafe_code, reason = "clone, execve and the steps between them have no safe form")]

use std::ffi::{CString, c_char, c_int, c_void};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;

use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, Resource, Rlimit, WaitOptions};

/// Who the child becomes before it executes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub uid: u32,
    pub gid: u32,
    pub groups: Vec<u32>,
}

/// Everything the child needs, made ready beforehand: between clone and exec it can't allocate.
#[derive(Debug)]
pub struct Plan {
    /// Files to try in this order, as `execvp` does.
    pub candidates: Vec<CString>,
    /// The arguments, the zeroth included.
    pub argv: Vec<CString>,
    /// The whole environment as `NAME=value`.
    pub envp: Vec<CString>,
    pub cwd: CString,
    /// What becomes descriptors 0, 1 and 2. All others are closed by the exec.
    pub stdio: [OwnedFd; 3],
    /// An open `cgroup.procs` file of the cgroup to join.
    pub cgroup_procs: Option<OwnedFd>,
    pub rlimits: Vec<(Resource, Rlimit)>,
    pub identity: Option<Identity>,
    /// Becomes leader of a session of its own.
    pub new_session: bool,
    /// Descriptor 0 is a terminal that becomes that of the new session.
    pub controlling_terminal: bool,
    /// Adopts the orphans among its descendants. The attribute survives the exec.
    pub subreaper: bool,
}

/// What the child was doing when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Session,
    Subreaper,
    JoinCgroup,
    /// Index into [`Plan::rlimits`].
    Rlimit(usize),
    Stdio,
    Terminal,
    Groups,
    Gid,
    Uid,
    WorkingDirectory,
    CloseFds,
    Signals,
    /// Index into [`Plan::candidates`].
    Exec(usize),
}

/// Why there is no child.
#[derive(Debug)]
pub enum StartError {
    /// The kernel gave no process, descriptor or memory.
    Clone(io::Error),
    /// The child existed, failed in this step and has been reaped.
    Child { step: Step, error: io::Error },
}

/// Starts the child and returns once it executes its program.
///
/// The caller gets the pid and a pidfd that was opened by the kernel together with the process, so
/// it can't mean another one.
///
/// # Errors
/// See [`StartError`]. No child is left behind.
pub fn start(plan: &Plan) -> Result<(Pid, OwnedFd), StartError> {
    let stack = Stack::new().map_err(StartError::Clone)?;
    let (error_read, error_write) =
        pipe_with(PipeFlags::CLOEXEC).map_err(|error| StartError::Clone(error.into()))?;
    let candidates: Vec<*const c_char> = plan.candidates.iter().map(|c| c.as_ptr()).collect();
    let argv = null_terminated(&plan.argv);
    let envp = null_terminated(&plan.envp);
    let mut script_argv = script_argv(&argv);
    let mut raw = RawPlan {
        plan,
        candidates: &candidates,
        argv: argv.as_ptr(),
        script_argv: script_argv.as_mut_ptr(),
        envp: envp.as_ptr(),
        error_fd: error_write.as_raw_fd(),
    };

    let sharing = if plan.identity.is_none() { libc::CLONE_VM | libc::CLONE_VFORK } else { 0 };
    let mut pidfd: c_int = -1;
    let before = set_signal_mask(u64::MAX);
    // SAFETY: the stack is mapped and unused, `raw` and all it points to live until after the child
    // executed or ended (with CLONE_VFORK this thread is held meanwhile; without CLONE_VM the child
    // has a copy). All signals are blocked, so no handler of this process runs in the child.
    let pid = unsafe {
        libc::clone(
            child_main,
            stack.top(),
            sharing | libc::CLONE_PIDFD | libc::SIGCHLD,
            (&raw mut raw).cast(),
            &raw mut pidfd,
        )
    };
    let clone_error = io::Error::last_os_error();
    set_signal_mask(before);
    drop(error_write);
    let Some(pid) = Pid::from_raw(pid).filter(|pid| pid.as_raw_pid() > 0) else {
        return Err(StartError::Clone(clone_error));
    };
    // SAFETY: clone succeeded with CLONE_PIDFD, so `pidfd` is a new descriptor that nobody else owns.
    let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
    match read_report(&error_read) {
        Ok(None) => Ok((pid, pidfd)),
        Ok(Some((step, error))) => {
            reap(pid);
            Err(StartError::Child { step, error })
        }
        Err(error) => Err(StartError::Clone(error)),
    }
}

fn null_terminated(strings: &[CString]) -> Vec<*const c_char> {
    strings.iter().map(|s| s.as_ptr()).chain([ptr::null()]).collect()
}

/// Arguments for a file without `#!` line: `/bin/sh <file> <arguments>`. The child fills in the file.
fn script_argv(argv: &[*const c_char]) -> Vec<*const c_char> {
    let rest = argv.get(1..).filter(|rest| !rest.is_empty()).unwrap_or(&[ptr::null()]);
    [c"/bin/sh".as_ptr(), ptr::null()].into_iter().chain(rest.iter().copied()).collect()
}

/// What the child says before it ends: step, detail, errno. Nothing at all means it executed.
const REPORT_BYTES: usize = 12;

fn read_report(pipe: &OwnedFd) -> io::Result<Option<(Step, io::Error)>> {
    let mut report = [0_u8; REPORT_BYTES];
    let mut filled = 0;
    while filled < REPORT_BYTES {
        match rustix::io::read(pipe, &mut report[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if filled < REPORT_BYTES {
        return Ok(None);
    }
    let number = |at: usize| {
        i32::from_ne_bytes([report[at], report[at + 1], report[at + 2], report[at + 3]])
    };
    let index = usize::try_from(number(4)).unwrap_or(0);
    let step = match number(0) {
        1 => Step::Session,
        2 => Step::Subreaper,
        3 => Step::JoinCgroup,
        4 => Step::Rlimit(index),
        5 => Step::Stdio,
        6 => Step::Groups,
        7 => Step::Gid,
        8 => Step::Uid,
        9 => Step::WorkingDirectory,
        10 => Step::CloseFds,
        11 => Step::Signals,
        13 => Step::Terminal,
        _ => Step::Exec(index),
    };
    Ok(Some((step, io::Error::from_raw_os_error(number(8)))))
}

fn step_code(step: Step) -> (i32, usize) {
    match step {
        Step::Session => (1, 0),
        Step::Subreaper => (2, 0),
        Step::JoinCgroup => (3, 0),
        Step::Rlimit(index) => (4, index),
        Step::Stdio => (5, 0),
        Step::Groups => (6, 0),
        Step::Gid => (7, 0),
        Step::Uid => (8, 0),
        Step::WorkingDirectory => (9, 0),
        Step::CloseFds => (10, 0),
        Step::Signals => (11, 0),
        Step::Exec(index) => (12, index),
        Step::Terminal => (13, 0),
    }
}

/// Collects a child that is about to end after its report.
fn reap(pid: Pid) {
    // Anything but EINTR means that there is nothing left to collect.
    while matches!(
        rustix::process::waitpid(Some(pid), WaitOptions::empty()),
        Err(rustix::io::Errno::INTR)
    ) {}
}

/// Memory for the child until it executes; a guard page below turns an overflow into a fault.
struct Stack {
    base: *mut c_void,
}

impl Stack {
    const GUARD_BYTES: usize = 16 * 1024;
    const BYTES: usize = 128 * 1024;

    fn new() -> io::Result<Self> {
        // SAFETY: an anonymous mapping at an address of the kernel's choice touches nothing else.
        let base = unsafe {
            libc::mmap(
                ptr::null_mut(),
                Self::BYTES,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_STACK | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let stack = Self { base };
        // SAFETY: the range is the lowest part of the mapping made above and is not in use.
        if unsafe { libc::mprotect(base, Self::GUARD_BYTES, libc::PROT_NONE) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(stack)
    }

    /// The address to start from: stacks grow downwards.
    fn top(&self) -> *mut c_void {
        // SAFETY: one past the end of the mapping is a valid address to compute.
        unsafe { self.base.byte_add(Self::BYTES) }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and the child that used it has executed or ended.
        unsafe { libc::munmap(self.base, Self::BYTES) };
    }
}

/// Size of the kernel's signal set, which is not that of the C library.
const SIGSET_BYTES: usize = 8;

/// Sets the mask of this thread and returns the one before. Goes to the kernel directly because the
/// C library leaves out the signals it uses itself.
fn set_signal_mask(mask: u64) -> u64 {
    let mut before = 0_u64;
    // SAFETY: both pointers are to eight bytes, which is the size announced.
    unsafe {
        libc::syscall(
            libc::SYS_rt_sigprocmask,
            libc::SIG_SETMASK,
            &raw const mask,
            &raw mut before,
            SIGSET_BYTES,
        );
    }
    before
}

struct RawPlan<'a> {
    plan: &'a Plan,
    candidates: &'a [*const c_char],
    argv: *const *const c_char,
    script_argv: *mut *const c_char,
    envp: *const *const c_char,
    error_fd: RawFd,
}

extern "C" fn child_main(argument: *mut c_void) -> c_int {
    // SAFETY: `start` passes a RawPlan that outlives the child's use of it.
    let raw = unsafe { &*argument.cast::<RawPlan<'_>>() };
    let (step, errno) = become_program(raw);
    let (code, detail) = step_code(step);
    let detail = i32::try_from(detail).unwrap_or(0);
    let mut report = [0_u8; REPORT_BYTES];
    report[..4].copy_from_slice(&code.to_ne_bytes());
    report[4..8].copy_from_slice(&detail.to_ne_bytes());
    report[8..].copy_from_slice(&errno.to_ne_bytes());
    // SAFETY: writes a local buffer to a descriptor of this process; `_exit` runs no destructors,
    // which belong to the parent.
    unsafe {
        libc::write(raw.error_fd, report.as_ptr().cast(), REPORT_BYTES);
        libc::_exit(127)
    }
}

fn errno() -> c_int {
    io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// Every step from clone to exec. Returns only on failure. Must not allocate, lock or panic: other
/// threads of the parent may hold any lock, and memory may be the parent's own.
fn become_program(raw: &RawPlan<'_>) -> (Step, c_int) {
    let plan = raw.plan;
    let failed = |step: Step, error: rustix::io::Errno| (step, error.raw_os_error());
    if plan.new_session
        && let Err(error) = rustix::process::setsid()
    {
        return failed(Step::Session, error);
    }
    if plan.subreaper
        && let Err(error) = rustix::process::set_child_subreaper(Some(Pid::INIT))
    {
        return failed(Step::Subreaper, error);
    }
    // "0" is the writer itself. Joining here leaves no moment in which the program runs outside.
    if let Some(procs) = &plan.cgroup_procs
        && let Err(error) = rustix::io::write(procs, b"0")
    {
        return failed(Step::JoinCgroup, error);
    }
    // Before the change of user, since only root may raise a hard limit.
    for (index, (resource, limit)) in plan.rlimits.iter().enumerate() {
        if let Err(error) = rustix::process::prlimit(None, *resource, *limit) {
            return failed(Step::Rlimit(index), error);
        }
    }
    for (target, source) in (0..).zip(&plan.stdio) {
        // SAFETY: a system call on descriptors of this process only.
        if unsafe { libc::dup2(source.as_raw_fd(), target) } < 0 {
            return (Step::Stdio, errno());
        }
    }
    if plan.controlling_terminal {
        // SAFETY: a system call on a descriptor of this process only; zero steals nobody's terminal.
        if unsafe { libc::ioctl(0, libc::TIOCSCTTY, 0) } < 0 {
            return (Step::Terminal, errno());
        }
    }
    if let Some(identity) = &plan.identity
        && let Err(failure) = switch_user(identity)
    {
        return failure;
    }
    // After the change of user, so that a directory closed to the user is an error.
    if let Err(error) = rustix::process::chdir(plan.cwd.as_c_str()) {
        return failed(Step::WorkingDirectory, error);
    }
    if let Err(errno) = close_other_fds_on_exec() {
        return (Step::CloseFds, errno);
    }
    if let Err(errno) = reset_signals() {
        return (Step::Signals, errno);
    }
    execute(raw)
}

/// Goes to the kernel directly: the C library's `setuid` signals all threads of the process, and
/// this child has none of them.
fn switch_user(identity: &Identity) -> Result<(), (Step, c_int)> {
    // SAFETY: the pointer is to as many group ids as announced.
    if unsafe {
        libc::syscall(libc::SYS_setgroups, identity.groups.len(), identity.groups.as_ptr())
    } != 0
    {
        return Err((Step::Groups, errno()));
    }
    // SAFETY: takes integers only.
    if unsafe { libc::syscall(libc::SYS_setresgid, identity.gid, identity.gid, identity.gid) } != 0
    {
        return Err((Step::Gid, errno()));
    }
    // SAFETY: takes integers only.
    if unsafe { libc::syscall(libc::SYS_setresuid, identity.uid, identity.uid, identity.uid) } != 0
    {
        return Err((Step::Uid, errno()));
    }
    Ok(())
}

/// No descriptor beyond 0, 1 and 2 reaches the program, whoever forgot to mark it.
fn close_other_fds_on_exec() -> Result<(), c_int> {
    // SAFETY: changes flags in the descriptor table of this process only.
    if unsafe {
        libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC)
    } == 0
    {
        return Ok(());
    }
    // Linux before 5.11: one by one, up to a bound that no agent reaches.
    let limit = rustix::process::getrlimit(Resource::Nofile).current.unwrap_or(65_536).min(65_536);
    for fd in 3..c_int::try_from(limit).unwrap_or(65_536) {
        // SAFETY: changes a flag of this process' own descriptor; a closed one is EBADF.
        if unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) } < 0 && errno() != libc::EBADF
        {
            return Err(errno());
        }
    }
    Ok(())
}

/// Default action for every signal, nothing blocked. Exec keeps ignored signals ignored, and Rust
/// programs ignore SIGPIPE, which would surprise most shell scripts.
fn reset_signals() -> Result<(), c_int> {
    /// Larger than the kernel's `struct sigaction` on every architecture; all zero is `SIG_DFL`.
    const DEFAULT_ACTION: [u64; 8] = [0; 8];
    for signal in 1..=64 {
        if signal == libc::SIGKILL || signal == libc::SIGSTOP {
            continue;
        }
        // SAFETY: the action is readable for more than the kernel reads; the signal table is this
        // process' own, as CLONE_SIGHAND is not used.
        if unsafe {
            libc::syscall(
                libc::SYS_rt_sigaction,
                signal,
                DEFAULT_ACTION.as_ptr(),
                ptr::null_mut::<c_void>(),
                SIGSET_BYTES,
            )
        } != 0
        {
            return Err(errno());
        }
    }
    set_signal_mask(0);
    Ok(())
}

/// Tries the candidates as `execvp` does: a file that may not be executed is remembered while the
/// search goes on, and a file without a known format is a shell script.
fn execute(raw: &RawPlan<'_>) -> (Step, c_int) {
    let mut failure = (Step::Exec(0), libc::ENOENT);
    for (index, &candidate) in raw.candidates.iter().enumerate() {
        // SAFETY: path, arguments and environment are NUL-terminated strings in NULL-terminated
        // arrays that outlive the call.
        unsafe { libc::execve(candidate, raw.argv, raw.envp) };
        let mut error = errno();
        if error == libc::ENOEXEC {
            // SAFETY: slot 1 exists by construction and is written by this child alone; the rest
            // is as above.
            unsafe {
                *raw.script_argv.add(1) = candidate;
                libc::execve(c"/bin/sh".as_ptr(), raw.script_argv, raw.envp);
            }
            error = errno();
        }
        match error {
            libc::ENOENT | libc::ENOTDIR => {}
            libc::EACCES => failure = (Step::Exec(index), error),
            _ => return (Step::Exec(index), error),
        }
    }
    failure
}
