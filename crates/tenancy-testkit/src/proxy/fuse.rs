//! Breaks one connection after so many bytes.

use std::sync::atomic::{AtomicU64, Ordering};

/// No connection is to be broken.
const OUT: u64 = u64::MAX;

/// After how many more bytes, of all connections and both ways, one connection breaks.
#[derive(Debug)]
pub(super) struct Fuse(AtomicU64);

impl Default for Fuse {
    fn default() -> Self {
        Self(AtomicU64::new(OUT))
    }
}

impl Fuse {
    pub(super) fn light(&self, bytes: u64) {
        self.0.store(bytes.min(OUT - 1), Ordering::SeqCst);
    }

    /// So many bytes are to pass over a connection. How many of them still do when it breaks now.
    pub(super) fn burn(&self, passing: usize) -> Option<usize> {
        let passing = u64::try_from(passing).unwrap_or(OUT);
        let burn = |left: u64| match left {
            OUT => None,
            left if left < passing => Some(OUT),
            left => Some(left - passing),
        };
        let before = self
            .0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, burn)
            .ok()?;
        (before < passing).then(|| usize::try_from(before).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_breaks_one_connection_after_so_many_bytes() {
        let fuse = Fuse::default();
        assert_eq!(fuse.burn(1_000), None);
        fuse.light(15);
        let burnt = [10, 5, 10, 10].map(|passing| fuse.burn(passing));
        assert_eq!(burnt, [None, None, Some(0), None]);
        fuse.light(15);
        let burnt = [10, 10, 10].map(|passing| fuse.burn(passing));
        assert_eq!(burnt, [None, Some(5), None]);
    }
}
