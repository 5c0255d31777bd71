//! The fake's own thread and runtime, so that a test may block, stop its clock or end whenever it likes.

use std::io;
use std::thread::JoinHandle;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Ends the runtime's thread when the last fake goes.
pub(crate) struct RuntimeGuard {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for RuntimeGuard {
    fn drop(&mut self) {
        drop(self.stop.take());
        let Some(thread) = self.thread.take() else { return };
        // The last clone may have lived in one of the thread's own tasks.
        if thread.thread().id() != std::thread::current().id() {
            // It only joins; a panic there has been reported already.
            let _ = thread.join();
        }
    }
}

/// A runtime on a thread of its own.
pub(crate) fn own_runtime() -> io::Result<(Handle, RuntimeGuard)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = std::thread::Builder::new().name("fake-github".into()).spawn(move || {
        // Ends when the sender is dropped.
        let _ = runtime.block_on(stopped);
        runtime.shutdown_background();
    })?;
    Ok((handle, RuntimeGuard { stop: Some(stop), thread: Some(thread) }))
}
