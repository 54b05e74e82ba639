//! How the C library's allocator gets memory from the kernel.
#![allow(unsafe_code, reason = "mallopt(3) and its like are calls of the C library")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Requests and answers from this size on leave much behind when they are done with.
const LARGE_BYTES: usize = 1 << 20;
/// Blocks from this size on come from the kernel one by one and go back to it when they are freed.
const SINGLE_BYTES: i32 = 256 << 10;
/// By then most of what a large request has caused is over.
const TRIM_AFTER: Duration = Duration::from_secs(1);

/// Makes all threads share one heap, for the rest of the process. Each further heap keeps what its
/// thread freed; the threads of a daemon pass most of what they allocate on to each other, and few
/// run at the same time. Large blocks stay out of it: by itself the C library would put the pieces of
/// answers among the tasks after a while, where they leave holes. Best called before there are threads.
pub fn share() {
    #[cfg(target_env = "gnu")]
    for (option, value) in [(libc::M_ARENA_MAX, 1), (libc::M_MMAP_THRESHOLD, SINGLE_BYTES)] {
        // SAFETY: takes numbers only, and may be called at any time.
        let done = unsafe { libc::mallopt(option, value) };
        debug_assert_eq!(done, 1, "option {option} of malloc can be {value}");
    }
}

/// To be told the size of every request and answer that is a message while it is worked on. A second after a
/// large one, what is free goes back to the kernel: the messages made of ten thousand tasks take many times the
/// room of the tasks. Until that is done no thread gets memory. Needs a tokio runtime with time.
pub fn passed(bytes: usize) {
    static IS_PENDING: AtomicBool = AtomicBool::new(false);
    if bytes < LARGE_BYTES || IS_PENDING.swap(true, Ordering::Relaxed) {
        return;
    }
    tokio::spawn(async {
        tokio::time::sleep(TRIM_AFTER).await;
        IS_PENDING.store(false, Ordering::Relaxed);
        tokio::task::spawn_blocking(trim);
    });
}

/// Bytes handed out and not freed, what the allocator adds to each included; `None` where the C library
/// does not count them.
pub fn in_use() -> Option<u64> {
    #[cfg(target_env = "gnu")]
    {
        // SAFETY: takes nothing, and may be called at any time.
        let counts = unsafe { libc::mallinfo2() };
        u64::try_from(counts.uordblks + counts.hblkhd).ok()
    }
    #[cfg(not(target_env = "gnu"))]
    None
}

fn trim() {
    #[cfg(target_env = "gnu")]
    // SAFETY: takes a number only, and may be called at any time.
    unsafe {
        libc::malloc_trim(0);
    }
}
