#![doc = include_str!("../README.md")]

pub mod story;
pub mod world;
