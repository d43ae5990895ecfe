//! A process that ends in the middle of something: what it would do afterwards does nothing.

use std::sync::{
    Mutex,
    atomic::{AtomicU32, Ordering},
};

/// How many more steps a process makes. Without an end it lives for ever.
#[derive(Debug, Default)]
pub struct Life {
    left: Mutex<Option<u32>>,
    passed: AtomicU32,
}

impl Life {
    /// The process ends after so many more steps: before and after each call of an outside world is one.
    pub fn ends_after(&self, steps: u32) {
        *self.left.lock().unwrap() = Some(steps);
    }

    /// Another process begins.
    pub fn begins(&self) {
        *self.left.lock().unwrap() = None;
        self.passed.store(0, Ordering::SeqCst);
    }

    /// Whether the process ended.
    pub fn is_over(&self) -> bool {
        *self.left.lock().unwrap() == Some(0)
    }

    /// Steps since it began.
    pub fn passed(&self) -> u32 {
        self.passed.load(Ordering::SeqCst)
    }

    /// One step; false when the process is no more.
    pub fn pass(&self) -> bool {
        let mut left = self.left.lock().unwrap();
        match left.as_mut() {
            None => {}
            Some(0) => return false,
            Some(left) => *left -= 1,
        }
        self.passed.fetch_add(1, Ordering::SeqCst);
        true
    }
}
