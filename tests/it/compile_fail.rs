//! What must not compile: one file in `ui/` each, which fails for the one reason that it names.
//!
//! The files are compiled against the library of this package, as this very build made it: a second. (A build of its own,
//! as `trybuild` makes one, compiles every dependency once more.)

use std::{
    collections::BTreeSet,
    env,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::SystemTime,
};

/// The one that must compile.
const CONTROL: &str = "control";

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder with what cargo built: this program is in it.
fn built() -> PathBuf {
    env::current_exe().unwrap().parent().unwrap().to_owned()
}

/// The library of this package. Older builds leave theirs behind.
fn library() -> PathBuf {
    let age = |path: &PathBuf| {
        path.metadata()
            .and_then(|data| data.modified())
            .unwrap_or(SystemTime::UNIX_EPOCH)
    };
    let files = built().read_dir().unwrap().map(|entry| entry.unwrap().path());
    let named = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("libtests-") && name.ends_with(".rlib")
    };
    files
        .filter(named)
        .max_by_key(age)
        .expect("cargo builds the library before its tests")
}

/// What the compiler says: a line for each error.
fn errors(name: &str, output: &Path) -> String {
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or("rustc".into()));
    rustc.current_dir(here()).arg(format!("ui/{name}.rs"));
    rustc.args([
        "--edition=2024",
        "--emit=metadata",
        "--error-format=short",
        "--color=never",
        "-Adead_code",
    ]);
    rustc
        .arg("--extern")
        .arg(format!("tests={}", library().display()));
    rustc.arg("-L").arg(format!("dependency={}", built().display()));
    let said = rustc.arg("--out-dir").arg(output).output().unwrap();
    let text = String::from_utf8(said.stderr).unwrap();
    let lines = text.lines().filter(|line| line.contains(": error"));
    assert_eq!(
        said.status.success(),
        lines.clone().count() == 0,
        "{name}: {text}"
    );
    lines.map(|line| line.to_owned() + "\n").collect()
}

/// The names of the files with this extension.
fn names(extension: &str) -> Vec<String> {
    let files = here()
        .join("ui")
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let of_kind = files.filter(|path| path.extension().is_some_and(|e| e == extension));
    let mut names: Vec<String> = of_kind
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn check(name: &str, output: &Path) {
    let expect = std::fs::read_to_string(here().join(format!("ui/{name}.stderr"))).unwrap_or_default();
    let said = errors(name, output);
    assert_eq!(
        said, expect,
        "ui/{name}.rs: if this is right, it belongs into ui/{name}.stderr"
    );
    let reasons: BTreeSet<_> = said
        .lines()
        .filter_map(|line| line.split_once(": error"))
        .map(|(_, why)| why)
        .collect();
    assert_eq!(
        reasons.len(),
        usize::from(name != CONTROL),
        "ui/{name}.rs fails for one reason:\n{said}"
    );
}

#[test]
fn what_would_leave_the_fence_does_not_compile() {
    let output = tempfile::tempdir().unwrap();
    let files = names("rs");
    let (checks, output) = (files.iter().map(String::as_str), output.path());
    thread::scope(|scope| {
        let running: Vec<_> = checks
            .map(|name| scope.spawn(move || check(name, output)))
            .collect();
        for check in running {
            check.join().unwrap();
        }
    });
    assert!(
        files.len() >= 8 && files.contains(&CONTROL.to_owned()),
        "{files:?}"
    );
    assert!(
        names("stderr").iter().all(|name| files.contains(name)),
        "an answer without a question"
    );
}
