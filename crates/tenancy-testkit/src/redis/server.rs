//! One running server, tied to the life of this process.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    path::Path,
    time::{Duration, Instant},
};

use secrecy::{ExposeSecret, SecretString};

use super::find;
use crate::machine::{Account, FORGETFUL, Leashed, ServerError, private_folder, write_private};

/// How long a start may take, on a machine that is busy compiling.
const START: Duration = Duration::from_secs(60);
/// How long one question may take.
const GLIMPSE: Duration = Duration::from_millis(200);

/// Starts a server on this port and waits until it answers. Blocks.
pub(super) fn start(port: u16, password: Option<&SecretString>) -> Result<Leashed, ServerError> {
    let account = Account::choose()?;
    let program = find::binary(account)?;
    let folder = private_folder("redis", account)?;
    write_private(
        &folder.join("settings"),
        &settings(port, password, &folder),
        account,
    )?;
    if let Some(account) = account {
        account.own(&folder)?;
    }
    let at = folder.clone();
    let arguments = [at.as_os_str(), program.as_os_str()];
    let mut server = Leashed::start(("tenancy-redis", FORGETFUL), folder, account, arguments)?;
    server.wait(&program, Instant::now() + START, |_| answers(port))?;
    Ok(server)
}

/// It keeps nothing, and talks to loopback only.
fn settings(port: u16, password: Option<&SecretString>, folder: &Path) -> String {
    let password = password.map_or_else(String::new, |text| {
        format!("requirepass \"{}\"\n", text.expose_secret())
    });
    format!(
        "bind 127.0.0.1\nport {port}\ndir \"{}\"\nsave \"\"\nappendonly no\ndaemonize no\n{password}",
        folder.display()
    )
}

/// Whether something on this port says what Redis says.
fn answers(port: u16) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(GLIMPSE))?;
        stream.write_all(b"PING\r\n")?;
        let mut said = [0; 5];
        stream.read_exact(&mut said)?;
        std::io::Result::Ok(said)
    };
    ask().is_ok_and(|said| &said == b"+PONG" || &said == b"-NOAU")
}
