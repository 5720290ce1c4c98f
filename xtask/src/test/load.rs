//! Something else for every core to do, so that tests show what they do on a busy machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Keeps every core busy until it is dropped.
pub(super) struct Load {
    over: Arc<AtomicBool>,
}

impl Load {
    /// Starts it.
    pub(super) fn start() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        for _ in 0..super::repeat::cores() {
            let over = Arc::clone(&over);
            thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        Self { over }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}
