//! A server ends with the process that wanted it, however that process ends.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, TcpStream},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tenancy_testkit::Postgres;

const HOLD: &str = "TENANCY_TEST_HOLD";
const GONE: Duration = Duration::from_secs(20);

/// Not a test: what the tests below run in a process of its own and kill.
#[tokio::test]
#[ignore = "run in a process of its own by the tests of this file"]
async fn hold_a_server() {
    if env::var_os(HOLD).is_none() {
        return;
    }
    let postgres = Postgres::shared().await.unwrap();
    println!("\nholding {} {}", postgres.port(), postgres.folder().display());
    tokio::time::sleep(Duration::from_secs(60)).await;
}

struct Held {
    child: Child,
    port: u16,
    folder: PathBuf,
}

/// This test program, in a process of its own, with a server. `trap` is what its shell does before it becomes it.
fn command(trap: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{trap}; exec \"$@\""), "sh"]);
    command.arg(env::current_exe().unwrap());
    let arguments = ["--ignored", "--exact", "lifetime::hold_a_server", "--nocapture"];
    command.args(arguments).env(HOLD, "1").stderr(Stdio::null());
    command
}

fn hold(trap: &str) -> Held {
    let mut child = command(trap)
        .process_group(0)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines
        .map_while(Result::ok)
        .find(|line| line.starts_with("holding "))
        .unwrap();
    let mut words = line.split(' ').skip(1);
    let port = words.next().unwrap().parse().unwrap();
    let folder = words.next().unwrap().into();
    Held { child, port, folder }
}

fn accepts(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn assert_gone(port: u16, folder: &Path) {
    let deadline = Instant::now() + GONE;
    while (accepts(port) || folder.exists()) && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(20));
    }
    assert!(!accepts(port), "the server still accepts");
    assert!(!folder.exists(), "`{}` is still there", folder.display());
}

#[test]
fn a_killed_process_leaves_no_server_and_no_folder() {
    let mut held = hold(":");
    assert!(accepts(held.port) && held.folder.exists());
    held.child.kill().unwrap();
    held.child.wait().unwrap();
    assert_gone(held.port, &held.folder);
}

/// A terminal signals the whole process group in the foreground.
fn ctrl_c(child: &Child) {
    let group = format!("-{}", child.id());
    let sent = Command::new("kill").args(["-s", "INT", "--", &group]).status();
    assert!(sent.unwrap().success());
}

#[test]
fn ctrl_c_leaves_no_server_and_no_folder() {
    let mut held = hold(":");
    ctrl_c(&held.child);
    held.child.wait().unwrap();
    assert_gone(held.port, &held.folder);
}

#[test]
fn a_process_that_survives_ctrl_c_keeps_its_server() {
    let mut held = hold("trap '' INT");
    ctrl_c(&held.child);
    thread::sleep(Duration::from_secs(1));
    let alive = held.child.try_wait().unwrap().is_none();
    let accepting = accepts(held.port);
    held.child.kill().unwrap();
    held.child.wait().unwrap();
    assert!(alive && accepting);
    assert_gone(held.port, &held.folder);
}

#[tokio::test]
async fn a_dropped_server_is_gone() {
    let postgres = Postgres::start().await.unwrap();
    let (port, folder) = (postgres.port(), postgres.folder().to_owned());
    assert!(accepts(port) && folder.exists());
    drop(postgres);
    assert_gone(port, &folder);
}

#[tokio::test]
async fn a_stopped_server_is_gone_when_stop_returns() {
    let postgres = Postgres::start().await.unwrap();
    let (port, folder) = (postgres.port(), postgres.folder().to_owned());
    postgres.stop().await.unwrap();
    assert!(!accepts(port) && !folder.exists());
}

#[test]
fn a_process_killed_while_the_data_folder_is_made_leaves_nothing() {
    // a folder of its own for temporary files: the other tests start servers, too
    let temporary = env::temp_dir().join(format!("tenancy-killed-early-{}", std::process::id()));
    fs::create_dir(&temporary).unwrap();
    fs::set_permissions(&temporary, fs::Permissions::from_mode(0o1777)).unwrap();
    let mut child = command(":")
        .env("TMPDIR", &temporary)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + GONE;
    let entry = || fs::read_dir(&temporary).unwrap().flatten().next();
    while entry().is_none_or(|folder| !folder.path().join("data").exists()) {
        assert!(Instant::now() < deadline, "no data folder is made");
        thread::sleep(Duration::from_millis(2));
    }
    let folder = entry().unwrap().path();
    let early = !folder.join("data/postmaster.pid").exists();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_gone(0, &folder);
    fs::remove_dir(&temporary).unwrap();
    assert!(early, "killed too late to show anything");
}
