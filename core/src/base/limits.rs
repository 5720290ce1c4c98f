//! How much of what others wrote is taken in. A file that goes beyond is refused with the limit; no
//! reader follows it to the end of memory, stack or patience.

/// How deeply lists and maps may be nested. It is what `serde_json` allows, so that every reader refuses
/// the same.
pub const DEEPEST: usize = 128;

/// How many bytes a file of a commit may have that is read whole: 8 MiB.
pub const LARGEST_FILE: u64 = 8 * 1024 * 1024;

/// Whether `serde_json` gave up because of [`DEEPEST`]. It has no other name for that than its words.
pub(crate) fn is_too_deep(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("recursion limit exceeded")
}
