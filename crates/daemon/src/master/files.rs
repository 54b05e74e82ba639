//! How many files a master may have open: each agent holds two connections, its link and the one for its calls.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit to what the system allows at most. Services are started with a limit of 1024, which
/// is there for programs that use select(2), and would be five hundred agents.
pub(super) fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return;
    }
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit of open files stays as it is: {:?}", limit.current);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A master started with the usual small limit has all the files it is allowed to have.
    #[test]
    fn the_limit_of_open_files_is_raised_to_the_maximum() {
        let maximum = getrlimit(Resource::Nofile).maximum;
        let small = Rlimit { current: Some(512), maximum };
        setrlimit(Resource::Nofile, small).unwrap();
        raise_limit();
        assert_eq!(getrlimit(Resource::Nofile).current, maximum);
    }
}
