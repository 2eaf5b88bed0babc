//! Configuration: a TOML file and an overlay from the environment, refused when anything in it is wrong.

mod check;
#[cfg(test)]
mod documented;
mod error;
mod load;
mod members;
#[cfg(test)]
mod refusals;
mod sections;

pub use self::error::ConfigError;
pub use self::sections::Config;

pub(crate) use self::members::DirectoryFile;
pub(crate) use self::sections::{
    DirectorySection, LastKnownSection, Mode, RegistrySection, RevocationSection, ServiceSection,
    SessionCookieSection, TrustedSection,
};
