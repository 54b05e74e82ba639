//! Hand-made bugs, with which the simulator tests itself.
//!
//! The cores know nothing of them. The self-test patches a copy, which asks [`bug`] where a classic mistake would
//! be made, and builds it with the feature `bugs`. Without the feature the answer is the constant `false`; no
//! package but the simulator has a way to switch it on.

/// Does what has to be done, unless the mistake of this name is to leave it out.
#[macro_export]
macro_rules! unless_bug {
    ($name:literal, $deed:expr) => {
        if !$crate::bug($name) {
            $deed;
        }
    };
}

/// Whether the mistake of this name is to be made.
#[cfg(not(feature = "bugs"))]
#[inline]
pub const fn bug(_name: &'static str) -> bool {
    false
}

#[cfg(feature = "bugs")]
pub use made::{bug, make};

#[cfg(feature = "bugs")]
mod made {
    use std::cell::Cell;

    thread_local! {
        static MADE: Cell<Option<&'static str>> = const { Cell::new(None) };
    }

    /// Whether the mistake of this name is to be made.
    pub fn bug(name: &'static str) -> bool {
        MADE.get() == Some(name)
    }

    /// From now on this thread's cores make the mistake of this name, or none.
    pub fn make(name: Option<&'static str>) {
        MADE.set(name);
    }
}
