//! Names of users and groups by number, through the C library, so that directory services (NSS) are honoured.
#![allow(unsafe_code, reason = "getpwuid_r and getgrgid_r have no safe form in std or rustix")]

use std::ffi::CStr;

use super::user::entry;

/// The name of a user; its number where it has none or nobody can say.
pub fn user_name(uid: u32) -> String {
    let found = entry(|strings| {
        // SAFETY: passwd is a plain C struct of integers and pointers, for which zero is valid.
        let mut entry: libc::passwd = unsafe { std::mem::zeroed() };
        let mut found: *mut libc::passwd = std::ptr::null_mut();
        // SAFETY: all pointers are valid for the call, and the length is that of the buffer.
        let code = unsafe {
            libc::getpwuid_r(
                uid,
                &raw mut entry,
                strings.as_mut_ptr().cast(),
                strings.len(),
                &raw mut found,
            )
        };
        if code != 0 || found.is_null() {
            return (code, None);
        }
        // SAFETY: on success pw_name points to a string inside `strings`, which outlives this use.
        let name = unsafe { CStr::from_ptr(entry.pw_name) }.to_string_lossy().into_owned();
        (code, Some(name))
    });
    found.ok().flatten().unwrap_or_else(|| uid.to_string())
}

/// The name of a group; its number where it has none or nobody can say.
pub fn group_name(gid: u32) -> String {
    let found = entry(|strings| {
        // SAFETY: group is a plain C struct of integers and pointers, for which zero is valid.
        let mut entry: libc::group = unsafe { std::mem::zeroed() };
        let mut found: *mut libc::group = std::ptr::null_mut();
        // SAFETY: all pointers are valid for the call, and the length is that of the buffer.
        let code = unsafe {
            libc::getgrgid_r(
                gid,
                &raw mut entry,
                strings.as_mut_ptr().cast(),
                strings.len(),
                &raw mut found,
            )
        };
        if code != 0 || found.is_null() {
            return (code, None);
        }
        // SAFETY: on success gr_name points to a string inside `strings`, which outlives this use.
        let name = unsafe { CStr::from_ptr(entry.gr_name) }.to_string_lossy().into_owned();
        (code, Some(name))
    });
    found.ok().flatten().unwrap_or_else(|| gid.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Number 0 is root, as user and group; a number nobody has is shown as such.
    #[test]
    fn numbers_without_a_name_stay_numbers() {
        assert_eq!((user_name(0).as_str(), group_name(0).as_str()), ("root", "root"));
        assert_eq!(user_name(3_999_999_999), "3999999999");
        assert_eq!(group_name(3_999_999_999), "3999999999");
    }
}
