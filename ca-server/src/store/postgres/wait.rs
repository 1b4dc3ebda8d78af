//! Waiting for a future on a thread of any kind, one of another runtime included.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};

use tokio::runtime::Handle;

/// Waits for `future`; its timers and tasks belong to the runtime of `handle`.
///
/// Callers of a store are often threads of the service's own runtime, where tokio refuses to wait:
/// the connections are driven by another runtime, so nothing is held up but the caller.
pub(super) fn wait<F: Future>(handle: &Handle, future: F) -> F::Output {
    let _entered = handle.enter();
    let waker = Arc::new(Sleeper(thread::current())).into();
    let (mut context, mut future) = (Context::from_waker(&waker), pin!(future));
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        thread::park();
    }
}

struct Sleeper(Thread);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
