//! How the C library's allocator gets memory from the kernel.
#![allow(unsafe_code, reason = "mallopt(3) is a call of the C library")]

/// Makes all threads share one heap, for the rest of the process. Each further heap keeps what its
/// thread freed; the threads of a daemon pass most of what they allocate on to each other, and few
/// run at the same time. Best called before there are threads.
pub fn share() {
    #[cfg(target_env = "gnu")]
    // SAFETY: takes numbers only, and may be called at any time.
    let done = unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
    #[cfg(target_env = "gnu")]
    debug_assert_eq!(done, 1, "M_ARENA_MAX can be 1");
}
