//! The confused deputy over HTTP: two services that call each other, and one that holds a valid key and means no good.

mod attacks;
mod ended;
mod honest;
mod nested;
mod platform;
mod replicas;
