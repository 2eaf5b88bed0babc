//! Keeps the machine's cores from going to sleep between two messages.

use std::{
    process::{Child, Command, Stdio},
    thread,
};

/// Counts, and looks now and then whether the benchmark is still there.
const SPIN: &str =
    "while kill -0 \"$0\" 2>/dev/null; do i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; done";

/// One process a core, of the lowest priority, that does nothing all the time; they end when this is dropped, or soon after
/// the benchmark has.
///
/// A client and a server that wait for each other leave the cores idle most of the time. An idle core of a virtual
/// machine is given back to its host, and to get it again costs more than a round trip on loopback: whoever keeps
/// the cores busy, if only with needless work in the background, would look faster.
pub struct Awake {
    spinners: Vec<Child>,
}

impl Awake {
    /// Starts them. A machine without `nice` or `sh` sleeps when it likes.
    #[must_use]
    pub fn new() -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let spinner = |_| {
            let mut command = Command::new("nice");
            command.args(["-n", "19", "sh", "-c", SPIN, &std::process::id().to_string()]);
            let quiet = command
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            quiet.spawn().ok()
        };
        Self {
            spinners: (0..cores).filter_map(spinner).collect(),
        }
    }
}

impl Default for Awake {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        for spinner in &mut self.spinners {
            // one that has ended already needs no end
            let _ = spinner.kill();
            let _ = spinner.wait();
        }
    }
}
