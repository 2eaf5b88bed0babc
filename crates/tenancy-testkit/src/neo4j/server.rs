//! One running server, tied to the life of this process.

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    path::Path,
    time::{Duration, Instant},
};

use secrecy::SecretString;

use super::{find, login};
use crate::machine::{Account, FORGETFUL, Leashed, ServerError, While, private_folder, write_private};

/// How long a start may take, on a machine that is busy compiling.
const START: Duration = Duration::from_secs(120);
/// How long one question may take.
const GLIMPSE: Duration = Duration::from_millis(500);
/// Bolt's magic number and four proposals, of which the server takes 4.4.
const HANDSHAKE: [u8; 20] = [
    0x60, 0x60, 0xB0, 0x17, 0, 0, 4, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
];

/// Starts an empty server on this port and waits until it speaks Bolt. Blocks.
pub(super) fn start(port: u16, password: &SecretString) -> Result<Leashed, ServerError> {
    let account = Account::choose()?;
    let program = find::program(account)?;
    let folder = private_folder("neo4j", account)?;
    let home = folder.join("home");
    for part in ["conf", "data/dbms"] {
        fs::create_dir_all(home.join(part)).during(|| format!("make `{}`", home.display()))?;
    }
    let write = |path: &str, text: &str| write_private(&folder.join(path), text, account);
    write("home/conf/neo4j.conf", &settings(port))?;
    write("home/data/dbms/auth.ini", &login::initial(password)?)?;
    write("settings", &script(&program, &home))?;
    if let Some(account) = account {
        for part in ["", "home", "home/conf", "home/data", "home/data/dbms"] {
            account.own(&folder.join(part))?;
        }
    }
    let at = folder.clone();
    let arguments = [at.as_os_str(), "sh".as_ref()];
    let mut server = Leashed::start(("tenancy-neo4j", FORGETFUL), folder, account, arguments)?;
    server.wait(&program.lib, Instant::now() + START, |_| speaks(port))?;
    Ok(server)
}

/// What the watchdog has a shell run: small, quick to start, and as deaf as can be.
fn script(program: &find::Program, home: &Path) -> String {
    let opens: String = ["nio", "io"]
        .map(|package| format!(" --add-opens=java.base/java.{package}=ALL-UNNAMED"))
        .concat();
    format!(
        "exec '{}' -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1{opens} \
         --add-opens=java.base/sun.nio.ch=ALL-UNNAMED -cp '{}/*' org.neo4j.server.CommunityEntryPoint \
         --home-dir='{home}' --config-dir='{home}/conf'\n",
        program.java.display(),
        program.lib.display(),
        home = home.display()
    )
}

/// It talks to loopback only, ends what runs for too long, and prepares no log of half a gigabyte.
fn settings(port: u16) -> String {
    format!(
        "server.bolt.enabled=true\nserver.bolt.listen_address=127.0.0.1:{port}\n\
         server.bolt.advertised_address=127.0.0.1:{port}\nserver.http.enabled=false\nserver.https.enabled=false\n\
         dbms.usage_report.enabled=false\nserver.memory.pagecache.size=64m\ndb.transaction.timeout=60s\n\
         db.memory.transaction.max=64m\ndb.tx_log.preallocate=false\ndbms.security.allow_csv_import_from_file_urls=false\n"
    )
}

/// Whether something on this port speaks Bolt.
fn speaks(port: u16) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(GLIMPSE))?;
        stream.write_all(&HANDSHAKE)?;
        let mut said = [0; 4];
        stream.read_exact(&mut said)?;
        std::io::Result::Ok(said)
    };
    ask().is_ok_and(|said| said == [0, 0, 4, 4])
}
