//! Looks up accounts through the C library, so that directory services (NSS) are honoured.
#![allow(unsafe_code, reason = "getpwnam_r and getgrouplist have no safe form in std or rustix")]

use std::ffi::{CStr, CString};
use std::io;
use std::path::PathBuf;

/// An account of this machine together with all groups it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub name: String,
    pub uid: u32,
    /// The primary group.
    pub gid: u32,
    /// Every group of the account, the primary one included.
    pub groups: Vec<u32>,
    pub home: PathBuf,
}

/// Room for the strings of one entry; grown up to [`ENTRY_LIMIT_BYTES`] when asked for more.
const ENTRY_BYTES: usize = 1024;
const ENTRY_LIMIT_BYTES: usize = 1 << 20;
/// Linux' own bound (`NGROUPS_MAX`).
const GROUP_LIMIT: usize = 65_536;

/// Finds an account by name. `Ok(None)` means that there is no such account.
///
/// # Errors
/// The account database could not be read, or the name holds a NUL byte.
pub fn lookup(name: &str) -> io::Result<Option<User>> {
    let c_name = CString::new(name)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "the name holds a NUL byte"))?;
    let found = entry(|strings| {
        // SAFETY: passwd is a plain C struct of integers and pointers, for which zero is valid.
        let mut entry: libc::passwd = unsafe { std::mem::zeroed() };
        let mut found: *mut libc::passwd = std::ptr::null_mut();
        // SAFETY: all pointers are valid for the call, and the length is that of the buffer.
        let code = unsafe {
            libc::getpwnam_r(
                c_name.as_ptr(),
                &raw mut entry,
                strings.as_mut_ptr().cast(),
                strings.len(),
                &raw mut found,
            )
        };
        if code != 0 || found.is_null() {
            return (code, None);
        }
        // SAFETY: on success pw_dir points to a string inside `strings`, which outlives this use.
        let home = unsafe { CStr::from_ptr(entry.pw_dir) }.to_string_lossy().into_owned();
        (code, Some((entry.pw_uid, entry.pw_gid, home)))
    })?;
    let Some((uid, gid, home)) = found else { return Ok(None) };
    let groups = groups_of(&c_name, gid)?;
    Ok(Some(User { name: name.to_owned(), uid, gid, groups, home: home.into() }))
}

/// Asks the C library for an entry, in a buffer that grows until it has room for the entry's strings. `ask` gives
/// the library's code and what it found; `Ok(None)` means that there is no such entry.
pub(super) fn entry<T>(
    mut ask: impl FnMut(&mut [u8]) -> (libc::c_int, Option<T>),
) -> io::Result<Option<T>> {
    let mut strings = vec![0_u8; ENTRY_BYTES];
    loop {
        match ask(&mut strings) {
            (0, found) => return Ok(found),
            (libc::EINTR, _) => {}
            (libc::ERANGE, _) if strings.len() < ENTRY_LIMIT_BYTES => {
                strings.resize(strings.len() * 4, 0);
            }
            // What the manual lists as "the given name was not found" besides a null result.
            (libc::ENOENT | libc::ESRCH, _) => return Ok(None),
            (code, _) => return Err(io::Error::from_raw_os_error(code)),
        }
    }
}

fn groups_of(name: &CStr, primary: u32) -> io::Result<Vec<u32>> {
    let mut groups = vec![0_u32; 32];
    loop {
        let mut count = i32::try_from(groups.len()).map_err(io::Error::other)?;
        // SAFETY: `groups` has room for `count` entries and `name` ends with NUL.
        let code = unsafe {
            libc::getgrouplist(name.as_ptr(), primary, groups.as_mut_ptr(), &raw mut count)
        };
        let count = usize::try_from(count).map_err(io::Error::other)?;
        if code >= 0 {
            groups.truncate(count);
            return Ok(groups);
        }
        if groups.len() >= GROUP_LIMIT {
            return Err(io::Error::other("the account belongs to more groups than Linux allows"));
        }
        // Some C libraries leave `count` unchanged on overflow, so at least double.
        groups.resize(count.max(groups.len() * 2).min(GROUP_LIMIT), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::lookup;

    #[test]
    fn root_is_uid_zero_and_belongs_to_its_primary_group() {
        // The lookup returns ids and the primary group among all groups.
        let root = lookup("root").unwrap().unwrap();
        assert_eq!((root.uid, root.gid), (0, 0));
        assert!(root.groups.contains(&0));
    }

    #[test]
    fn an_unknown_account_is_none_and_a_nul_byte_is_refused() {
        // A missing account isn't an error of the database, a name with NUL is.
        assert_eq!(lookup("no-such-account-here").unwrap(), None);
        assert!(lookup("ro\0ot").is_err());
    }
}
