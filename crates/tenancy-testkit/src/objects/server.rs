//! One running server, tied to the life of this process.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    time::{Duration, Instant},
};

use super::find;
use crate::machine::{Account, FORGETFUL, Leashed, ServerError, While, private_folder, write_private};

/// How long a start may take, on a machine that is busy compiling.
const START: Duration = Duration::from_secs(60);
/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Starts a server on this port and waits until it answers. Blocks.
pub(super) fn start(port: u16) -> Result<Leashed, ServerError> {
    let account = Account::choose()?;
    let program = find::binary(account)?;
    let folder = private_folder("objects", account)?;
    write_private(&folder.join("settings"), &port.to_string(), account)?;
    if let Some(account) = account {
        account.own(&folder)?;
    }
    let at = folder.clone();
    let arguments = [at.as_os_str(), program.as_os_str()];
    let mut server = Leashed::start(("tenancy-objects", FORGETFUL), folder, account, arguments)?;
    let answers = || ask(port, "GET", "/storage/v1/b?project=test", "").is_ok_and(|status| status == 200);
    server.wait(&program, Instant::now() + START, |_| answers())?;
    Ok(server)
}

/// The status of the server's answer. Blocks.
pub(super) fn ask(port: u16, method: &str, target: &str, body: &str) -> Result<u16, ServerError> {
    let say = || {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(
            stream,
            "{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        std::io::Result::Ok(answer)
    };
    let answer = say().during(|| "ask the object server".to_owned())?;
    let status = answer.split(' ').nth(1).and_then(|word| word.parse().ok());
    Ok(status.unwrap_or_default())
}
