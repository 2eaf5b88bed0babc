//! itineraries
