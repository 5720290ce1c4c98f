//! The end of what a command says.

use std::collections::VecDeque;

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// How many bytes are kept.
const KEPT: usize = 64 * 1024;

/// The last bytes of an output.
#[derive(Debug, Default)]
pub(super) struct Tail(VecDeque<u8>);

impl Tail {
    /// Reads an output to its end; what cannot be read any more is its end, too.
    pub(super) async fn of(output: Option<impl AsyncRead + Unpin>) -> Self {
        let mut tail = Self::default();
        let Some(mut output) = output else { return tail };
        let mut buffer = [0; 8 * 1024];
        while let Ok(count @ 1..) = output.read(&mut buffer).await {
            tail.keep(buffer.get(..count).unwrap_or_default());
        }
        tail
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.0.extend(bytes);
        let surplus = self.0.len().saturating_sub(KEPT);
        self.0.drain(..surplus);
    }

    /// As text; what is no UTF-8 is replaced.
    pub(super) fn text(mut self) -> String {
        String::from_utf8_lossy(self.0.make_contiguous()).into_owned()
    }
}
