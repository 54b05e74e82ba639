//! Texts with gaps.

/// Whether `text` is `pattern`, in which `gap` stands for any text.
pub(crate) fn matches(pattern: &str, gap: char, text: &str) -> bool {
    let mut parts = pattern.split(gap);
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}
