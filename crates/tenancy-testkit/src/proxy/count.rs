//! Counts messages in a stream of PostgreSQL's protocol.

use std::sync::atomic::{AtomicU64, Ordering};

/// What has passed since the last reset.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) round_trips: AtomicU64,
    pub(super) flushes: AtomicU64,
    pub(super) connections: AtomicU64,
}

impl Counts {
    pub(super) fn reset(&self) {
        self.round_trips.store(0, Ordering::SeqCst);
        self.flushes.store(0, Ordering::SeqCst);
        self.connections.store(0, Ordering::SeqCst);
    }
}

/// `ReadyForQuery`: the server has answered all up to a Sync, and the client may go on.
const READY_FOR_QUERY: u8 = b'Z';

/// Walks over a server's messages (a type byte, then a length that counts itself, big-endian) wherever the reads cut
/// them, without keeping them.
#[derive(Debug, Default)]
pub(super) struct ReadyCounter {
    header: [u8; 5],
    filled: usize,
    body_left: usize,
}

impl ReadyCounter {
    /// How many `ReadyForQuery` messages have come to their end within `bytes`.
    pub(super) fn count(&mut self, mut bytes: &[u8]) -> u64 {
        let mut ready = 0;
        while !bytes.is_empty() {
            let step = if self.body_left == 0 && self.filled < self.header.len() {
                self.fill(bytes)
            } else {
                let step = self.body_left.min(bytes.len());
                self.body_left -= step;
                step
            };
            bytes = bytes.get(step..).unwrap_or_default();
            if self.filled == self.header.len() && self.body_left == 0 {
                ready += u64::from(self.header.first() == Some(&READY_FOR_QUERY));
                self.filled = 0;
            }
        }
        ready
    }

    /// Takes bytes of the header; the last one tells how long the body is.
    fn fill(&mut self, bytes: &[u8]) -> usize {
        let room = self.header.get_mut(self.filled..).unwrap_or_default();
        let step = room.len().min(bytes.len());
        for (to, from) in room.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.filled += step;
        if self.filled == self.header.len() {
            let [_, a, b, c, d] = self.header;
            let length = u32::from_be_bytes([a, b, c, d]) as usize;
            self.body_left = length.saturating_sub(4);
        }
        step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [&[kind], &length[..], body].concat()
    }

    #[test]
    fn messages_are_counted_wherever_the_reads_cut_them() {
        let stream = [
            message(b'1', b""),
            message(b'D', b"a row with a Z in it: Z\0\0\0\x05I"),
            message(b'Z', b"I"),
            message(b'C', b"SELECT 1\0"),
            message(b'Z', b"T"),
        ]
        .concat();
        for size in 1..=stream.len() {
            let mut counter = ReadyCounter::default();
            let counted: u64 = stream.chunks(size).map(|chunk| counter.count(chunk)).sum();
            assert_eq!(counted, 2, "in pieces of {size}");
        }
    }

    #[test]
    fn a_message_counts_when_it_is_whole() {
        let ready = message(b'Z', b"I");
        let mut counter = ReadyCounter::default();
        assert_eq!(counter.count(&ready[..5]), 0);
        assert_eq!(counter.count(&ready[5..]), 1);
    }
}
