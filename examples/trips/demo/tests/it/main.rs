//! The world: what it writes to the disk, and what it leaves behind. What services do is the demo's own check.

mod traces;
