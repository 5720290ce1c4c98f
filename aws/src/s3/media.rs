//! Media types by the ending of a file's name, for the few kinds of files that builds make.

/// What is not in the list is bytes.
const OTHER: &str = "application/octet-stream";

const TYPES: &[(&str, &str)] = &[
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("gz", "application/gzip"),
    ("html", "text/html"),
    ("jar", "application/java-archive"),
    ("js", "text/javascript"),
    ("json", "application/json"),
    ("md", "text/markdown"),
    ("pdf", "application/pdf"),
    ("svg", "image/svg+xml"),
    ("tar", "application/x-tar"),
    ("tgz", "application/gzip"),
    ("txt", "text/plain"),
    ("war", "application/java-archive"),
    ("wasm", "application/wasm"),
    ("whl", "application/zip"),
    ("xml", "application/xml"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
    ("zip", "application/zip"),
    ("zst", "application/zstd"),
];

/// The media type of a file of this name.
#[must_use]
pub fn media_type(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    TYPES.iter().find(|(known, _)| *known == ending).map_or(OTHER, |(_, media)| media)
}

#[cfg(test)]
mod tests {
    #[test]
    fn endings_tell() {
        assert_eq!(super::media_type("api/build.ZIP"), "application/zip");
        assert_eq!(super::media_type("dist/app.tar.gz"), "application/gzip");
        assert_eq!(super::media_type("app"), "application/octet-stream");
    }
}
