//! The layer asks the limits, in order, and says what they said.
