//! Sockets that killed providers left: nobody listens there any more. Those of the same user are removed, and
//! nothing else.

use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// A younger one may belong to a provider that has not had its one connection yet.
const OLD: Duration = Duration::from_secs(15 * 60);

/// Removes what killed providers left in the folder of a socket of this one. Whether that succeeds makes no
/// difference to anybody.
pub(super) fn sweep(own: &Path) {
    let (Some(folder), Ok(about)) = (own.parent(), std::fs::metadata(own)) else { return };
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let is_ours = entry.file_name().to_str().is_some_and(is_name);
        if is_ours && entry.metadata().is_ok_and(|it| it.uid() == about.uid() && is_old_socket(&it))
        {
            remove_if_deserted(&entry.path());
        }
    }
}

/// Whether a name is one that `socket_path` gives.
fn is_name(name: &str) -> bool {
    let Some((process, rest)) = name.strip_prefix("plugin").and_then(|it| it.split_once('-'))
    else {
        return false;
    };
    let digits = !process.is_empty() && process.bytes().all(|byte| byte.is_ascii_digit());
    digits && rest.len() == 8 && rest.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_old_socket(about: &std::fs::Metadata) -> bool {
    let age = about.modified().ok().and_then(|made| made.elapsed().ok());
    about.file_type().is_socket() && age.is_some_and(|age| age > OLD)
}

/// The system refuses a connection where nobody listens. The number of a process would prove less: another
/// container may share the folder.
fn remove_if_deserted(socket: &Path) {
    let refused = |error: std::io::Error| error.kind() == ErrorKind::ConnectionRefused;
    if UnixStream::connect(socket).is_err_and(refused) {
        let _ = std::fs::remove_file(socket);
    }
}

#[cfg(test)]
mod tests {
    use std::fs::FileTimes;
    use std::os::unix::net::UnixListener;
    use std::process::Command;
    use std::time::SystemTime;

    use super::*;

    fn age(path: &Path) {
        // A socket cannot be opened to set its times.
        let status = Command::new("touch").args(["-d", "2020-01-01"]).arg(path).status().unwrap();
        assert!(status.success());
    }

    #[test]
    fn what_nobody_listens_at_goes_and_all_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let own = UnixListener::bind(path("plugin1-00000001")).unwrap();
        let alive = UnixListener::bind(path("plugin2-00000002")).unwrap();
        for name in ["plugin3-00000003", "plugin4-00000004", "plugin5", "other6-00000006"] {
            drop(UnixListener::bind(path(name)).unwrap());
        }
        std::fs::write(path("plugin7-00000007"), "").unwrap();
        let times = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
        let file = std::fs::File::options().write(true).open(path("plugin7-00000007")).unwrap();
        file.set_times(times).unwrap();
        for name in ["plugin2-00000002", "plugin3-00000003", "plugin5", "other6-00000006"] {
            age(&path(name));
        }
        sweep(&path("plugin1-00000001"));
        let mut left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().flatten().collect();
        left.sort_by_key(std::fs::DirEntry::file_name);
        let left: Vec<_> = left.iter().map(|it| it.file_name().into_string().unwrap()).collect();
        let kept = [
            "other6-00000006",
            "plugin1-00000001",
            "plugin2-00000002",
            "plugin4-00000004",
            "plugin5",
            "plugin7-00000007",
        ];
        assert_eq!(left, kept);
        drop((own, alive));
    }
}
