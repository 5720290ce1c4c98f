//! The end of what a command says.

use std::collections::VecDeque;

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// How many bytes are kept.
const KEPT: usize = 64 * 1024;

/// The last bytes of an output.
#[derive(Debug, Default)]
pub(super) struct Tail {
    bytes: VecDeque<u8>,
    is_cut: bool,
}

impl Tail {
    /// Reads an output to its end; what cannot be read any more is its end, too.
    pub(super) async fn read(&mut self, output: Option<impl AsyncRead + Unpin>) {
        let Some(mut output) = output else { return };
        let mut buffer = [0; 8 * 1024];
        while let Ok(count @ 1..) = output.read(&mut buffer).await {
            self.keep(buffer.get(..count).unwrap_or_default());
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
        let surplus = self.bytes.len().saturating_sub(KEPT);
        self.is_cut |= surplus > 0;
        self.bytes.drain(..surplus);
    }

    /// As text; what is no UTF-8 is replaced. A line that was cut is left out: nobody would know a secret in
    /// it by its second half.
    pub(super) fn text(mut self) -> String {
        if self.is_cut {
            let first = self.bytes.iter().position(|byte| *byte == b'\n');
            self.bytes.drain(..first.map_or(self.bytes.len(), |at| at + 1));
        }
        String::from_utf8_lossy(self.bytes.make_contiguous()).into_owned()
    }
}
