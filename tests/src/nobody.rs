//! An address of this machine at which nobody listens.

use std::net::{TcpListener, TcpStream};

use crate::Outcome;

/// An address at which nobody listens, nor can anybody as long as this value lives.
#[derive(Debug)]
pub struct Nobody {
    /// The address.
    pub url: String,
    /// The port belongs to this end of a connection.
    _end: TcpStream,
    _other_end: TcpListener,
}

impl Nobody {
    /// Takes a free port of this machine.
    ///
    /// # Errors
    /// No port can be had.
    pub fn new() -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let stream = TcpStream::connect(listener.local_addr()?)?;
        let url = format!("http://{}", stream.local_addr()?);
        Ok(Self { url, _end: stream, _other_end: listener })
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    #[test]
    fn a_call_is_refused_and_nobody_else_can_listen_there() -> Outcome {
        let nobody = Nobody::new()?;
        let address = nobody.url.trim_start_matches("http://");
        let refused = TcpStream::connect(address).err().map(|error| error.kind());
        assert_eq!(refused, Some(ErrorKind::ConnectionRefused));
        assert!(TcpListener::bind(address).is_err());
        Ok(())
    }
}
