//! Where the host connects: a unix socket, or TCP on the loopback where that cannot be.
//!
//! The socket file goes when the listener does.

use std::io;
use std::net::Ipv4Addr;
#[cfg(unix)]
use std::path::{Path, PathBuf};

use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use super::handshake::Invitation;
#[cfg(unix)]
use super::leftovers;
use super::stream::Stream;

/// macOS takes 104 bytes with the terminating zero, Linux a few more.
#[cfg(unix)]
const PATH_LIMIT: usize = 103;

pub(super) enum Listener {
    #[cfg(unix)]
    Unix(UnixListener, SocketFile),
    Tcp(TcpListener, u16),
}

impl Listener {
    /// A unix socket if the system has them and the path is short enough, else TCP.
    pub(super) async fn bind(invitation: &Invitation) -> io::Result<Self> {
        #[cfg(unix)]
        if let Some(path) = socket_path(&invitation.socket_directory) {
            return bind_unix(path, invitation.socket_group.as_deref());
        }
        bind_tcp(invitation).await
    }

    pub(super) fn network(&self) -> &'static str {
        match self {
            #[cfg(unix)]
            Self::Unix(..) => "unix",
            Self::Tcp(..) => "tcp",
        }
    }

    pub(super) fn address(&self) -> String {
        match self {
            #[cfg(unix)]
            Self::Unix(_, file) => file.0.display().to_string(),
            Self::Tcp(_, port) => format!("127.0.0.1:{port}"),
        }
    }

    pub(super) async fn accept(&self) -> io::Result<Box<dyn Stream>> {
        match self {
            #[cfg(unix)]
            Self::Unix(listener, _) => Ok(Box::new(listener.accept().await?.0)),
            Self::Tcp(listener, _) => {
                let (stream, _) = listener.accept().await?;
                // Else small answers wait up to 40 ms for the acknowledgement of the one before.
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
        }
    }
}

/// Removed when dropped.
#[cfg(unix)]
pub(super) struct SocketFile(PathBuf);

#[cfg(unix)]
impl Drop for SocketFile {
    fn drop(&mut self) {
        // Someone may have removed it already; a stale file harms nobody.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A path that nothing has yet; none where it would be too long or break the handshake line.
#[cfg(unix)]
fn socket_path(directory: &Path) -> Option<PathBuf> {
    let nanoseconds = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.subsec_nanos());
    let name = format!("plugin{}-{nanoseconds:08x}", std::process::id());
    let path = std::path::absolute(directory).ok()?.join(name);
    let text = path.to_str()?;
    (text.len() <= PATH_LIMIT && !text.contains(['|', '\n'])).then_some(path)
}

#[cfg(unix)]
fn bind_unix(path: PathBuf, group: Option<&str>) -> io::Result<Listener> {
    use std::os::unix::fs::{PermissionsExt as _, chown};

    let listener = UnixListener::bind(&path)?;
    let file = SocketFile(path);
    let mode = match group {
        None => 0o600,
        Some(group) => {
            chown(&file.0, None, Some(group_id(group)?))?;
            0o660
        }
    };
    std::fs::set_permissions(&file.0, std::fs::Permissions::from_mode(mode))?;
    leftovers::sweep(&file.0);
    Ok(Listener::Unix(listener, file))
}

/// A group by number, or by its name in `/etc/group`.
#[cfg(unix)]
fn group_id(group: &str) -> io::Result<u32> {
    if let Ok(id) = group.parse() {
        return Ok(id);
    }
    let groups = std::fs::read_to_string("/etc/group")?;
    let id = |line: &str| {
        let mut fields = line.split(':');
        (fields.next() == Some(group)).then(|| fields.nth(1)?.parse().ok()).flatten()
    };
    groups.lines().find_map(id).ok_or_else(|| {
        let message = format!("PLUGIN_UNIX_SOCKET_GROUP names no group of this system: {group:?}");
        io::Error::new(io::ErrorKind::NotFound, message)
    })
}

async fn bind_tcp(invitation: &Invitation) -> io::Result<Listener> {
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for port in invitation.ports.clone() {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => {
                let port = listener.local_addr()?.port();
                return Ok(Listener::Tcp(listener, port));
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn invitation(directory: PathBuf) -> Invitation {
        let none = |_: &str| None;
        Invitation { socket_directory: directory, ..Invitation::without_host(none) }
    }

    #[tokio::test]
    async fn the_socket_file_is_private_and_goes_with_the_listener() {
        use std::os::unix::fs::PermissionsExt as _;

        let directory = tempfile::tempdir().unwrap();
        let listener = Listener::bind(&invitation(directory.path().to_owned())).await.unwrap();
        let path = PathBuf::from(listener.address());
        assert_eq!(listener.network(), "unix");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        drop(listener);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_path_that_is_too_long_or_holds_a_bar_gives_tcp() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["x".repeat(PATH_LIMIT), "a|b".to_owned()] {
            let inside = directory.path().join(name);
            std::fs::create_dir(&inside).unwrap();
            let listener = Listener::bind(&invitation(inside)).await.unwrap();
            assert_eq!(listener.network(), "tcp");
            assert!(listener.address().starts_with("127.0.0.1:"));
        }
    }

    #[test]
    fn groups_are_found_by_name_and_number() {
        assert_eq!(group_id("0").unwrap(), 0);
        assert_eq!(group_id("root").or_else(|_| group_id("wheel")).unwrap(), 0);
        assert!(group_id("no such group").is_err());
    }
}
