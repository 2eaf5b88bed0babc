//! One running pooler, tied to the life of this process.

use std::{
    net::{Ipv4Addr, TcpStream},
    path::Path,
    time::{Duration, Instant},
};

use secrecy::{ExposeSecret, SecretString};

use super::{Pooling, find};
use crate::machine::{
    Account, FORGETFUL, Leashed, ServerError, While, free_port, private_folder, write_private,
};

/// How long a start may take, on a machine that is busy compiling.
const START: Duration = Duration::from_secs(60);

/// Starts a pooler before the server on port `server` and waits until it listens. Blocks.
pub(super) fn start(
    server: u16,
    login: &SecretString,
    pooling: Pooling,
    sessions: u32,
) -> Result<(u16, Leashed), ServerError> {
    let account = Account::choose()?;
    let program = find::binary(account)?;
    let port = free_port().during(|| "find a free port".to_owned())?;
    let folder = private_folder("pgbouncer", account)?;
    write_private(&folder.join("users"), login.expose_secret(), account)?;
    write_private(
        &folder.join("settings"),
        &settings(port, server, (pooling, sessions), &folder),
        account,
    )?;
    if let Some(account) = account {
        account.own(&folder)?;
    }
    let at = folder.clone();
    let arguments = [at.as_os_str(), program.as_os_str()];
    let mut pooler = Leashed::start(("tenancy-pgbouncer", FORGETFUL), folder, account, arguments)?;
    let listens = |_: &Path| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
    pooler.wait(&program, Instant::now() + START, listens)?;
    Ok((port, pooler))
}

fn settings(port: u16, server: u16, (pooling, sessions): (Pooling, u32), folder: &Path) -> String {
    let mode = match pooling {
        Pooling::Session => "session",
        Pooling::Transaction => "transaction",
    };
    format!(
        "[databases]\n* = host=127.0.0.1 port={server}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
         unix_socket_dir =\nauth_type = scram-sha-256\nauth_file = {}/users\npool_mode = {mode}\n\
         default_pool_size = {sessions}\nmax_client_conn = 500\nignore_startup_parameters = extra_float_digits\n\
         server_reset_query = DISCARD ALL\n",
        folder.display()
    )
}
