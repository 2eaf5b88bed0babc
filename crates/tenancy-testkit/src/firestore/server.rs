//! One running emulator, tied to the life of this process.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    path::Path,
    time::{Duration, Instant},
};

use super::find::{self, Program};
use crate::machine::{Account, FORGETFUL, Leashed, ServerError, private_folder, write_private};

/// How long a start may take, on a machine that is busy compiling.
const START: Duration = Duration::from_secs(90);
/// How long one question may take.
const GLIMPSE: Duration = Duration::from_millis(500);
/// The emulator's own entry: its manifest names none.
const ENTRY: &str = "com.google.cloud.datastore.emulator.firestore.CloudFirestore";

/// Starts an emulator on this port and waits until it answers. Blocks.
pub(super) fn start(port: u16) -> Result<Leashed, ServerError> {
    let account = Account::choose()?;
    let program = find::program()?;
    let folder = private_folder("firestore", account)?;
    write_private(&folder.join("settings"), &script(&program, port), account)?;
    if let Some(account) = account {
        account.own(&folder)?;
    }
    let at = folder.clone();
    let arguments = [at.as_os_str(), "sh".as_ref()];
    let mut server = Leashed::start(("tenancy-firestore", FORGETFUL), folder, account, arguments)?;
    server.wait(&program.jar, Instant::now() + START, |_| answers(port))?;
    Ok(server)
}

/// What the watchdog's shell runs: it becomes the Java, so the watchdog kills that.
fn script(program: &Program, port: u16) -> String {
    format!(
        "exec {} -Xmx512m -XX:TieredStopAtLevel=1 -Duser.language=en -cp {} {ENTRY} start --host=127.0.0.1 --port={port}\n",
        quoted(&program.java),
        quoted(&program.jar)
    )
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

/// Whether something on this port says what the emulator says.
fn answers(port: u16) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(GLIMPSE))?;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        let mut said = [0; 15];
        stream.read_exact(&mut said)?;
        std::io::Result::Ok(said)
    };
    ask().is_ok_and(|said| &said == b"HTTP/1.1 200 OK")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_of_the_shell() {
        assert_eq!(quoted(Path::new("/a b/it's")), r"'/a b/it'\''s'");
    }
}
