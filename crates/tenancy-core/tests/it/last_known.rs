//! A process that starts while the registry is down, and finds the file of the one before it.

use std::{fs, path::Path, sync::Arc};

use tenancy_core::{
    Kind, Role, SecretRef, TenantRecord, TenantStatus, Tier,
    directory::{LastKnown, LastKnownError, LastKnownKeeper},
};

use crate::world::{Health, Process, Source, member, ms, pass, record, secs};

/// A folder with a key in it.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("key"), "k".repeat(32)).unwrap();
        Self(folder)
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("last-known")
    }

    fn last_known(&self, scope: &str) -> LastKnown {
        LastKnown::new(self.path(), &secret(&self.0.path().join("key")), scope).unwrap()
    }

    fn keep(&self, process: &Process) -> LastKnownKeeper {
        self.keep_as(process, "shared@registry")
    }

    fn keep_as(&self, process: &Process, scope: &str) -> LastKnownKeeper {
        let (directory, memberships) = (&process.directory, &process.memberships);
        self.last_known(scope)
            .keep(Arc::clone(directory), Arc::clone(memberships))
    }
}

fn secret(path: &Path) -> SecretRef {
    format!("file:{}", path.display()).parse().unwrap()
}

/// The file is written by a thread of its own, in real time.
async fn written(place: &Place) {
    for _ in 0..2_000 {
        pass(ms(100)).await;
        if place.path().exists() {
            return;
        }
        std::thread::sleep(ms(1));
    }
    panic!("nothing was written");
}

/// What a process knew that is gone, and the registry with it.
async fn after_a_crash() -> (Place, Arc<Source>, Vec<TenantRecord>) {
    let (place, source) = (Place::new(), Source::new());
    let mut all = vec![record("acme", Tier::Enterprise), record("globex", Tier::Standard)];
    all[1].status = TenantStatus::Suspended;
    for record in &all {
        source.put(record.clone());
        source.join(&member(record, "ada"), Role::Member);
    }
    let process = Process::start(&source);
    let _keeper = place.keep(&process);
    for record in &all {
        process.tenant(record.id).await.unwrap();
        process.role(&member(record, "ada")).await.unwrap();
    }
    written(&place).await;
    source.push(false);
    source.feed(Health::Down);
    source.look_ups(Health::Down);
    (place, source, all)
}

#[tokio::test(start_paused = true)]
async fn what_was_known_serves_the_next_process_up_to_the_cap() {
    let (place, source, all) = after_a_crash().await;
    let process = Process::start(&source);
    let _keeper = place.keep(&process);
    assert_eq!(
        process.tenant(all[0].id).await.unwrap().unwrap().as_ref(),
        &all[0]
    );
    assert_eq!(
        process.role(&member(&all[0], "ada")).await,
        Ok("member".to_owned())
    );
    assert_eq!(process.status(all[1].id).await, Ok(TenantStatus::Suspended));
    let unknown = process.role(&member(&all[0], "eve")).await;
    assert_eq!(unknown, Err(Kind::Unavailable));
    pass(secs(23 * 3_600)).await;
    assert_eq!(process.status(all[0].id).await, Ok(TenantStatus::Active));
    pass(secs(2 * 3_600)).await;
    assert_eq!(process.status(all[0].id).await, Err(Kind::Unavailable));
    assert_eq!(process.status(all[1].id).await, Ok(TenantStatus::Suspended));
}

/// A change that was told of, and that nobody asked about since: what it made wrong does not outlive the process.
#[tokio::test(start_paused = true)]
async fn what_is_known_to_have_changed_is_not_left_to_the_next_process() {
    let (place, source) = (Place::new(), Source::new());
    let acme = record("acme", Tier::Enterprise);
    source.put(acme.clone());
    source.join(&member(&acme, "ada"), Role::Owner);
    let process = Process::start(&source);
    let keeper = place.keep(&process);
    process.tenant(acme.id).await.unwrap();
    process.role(&member(&acme, "ada")).await.unwrap();
    written(&place).await;
    fs::remove_file(place.path()).unwrap();
    source.change(acme.id, |record| record.status = TenantStatus::Suspended);
    for _ in 0..100 {
        pass(ms(100)).await;
        std::thread::sleep(ms(1));
    }
    assert!(place.path().exists(), "ten seconds after the change");
    drop((keeper, process));
    source.push(false);
    source.feed(Health::Down);
    source.look_ups(Health::Down);
    let next = Process::start(&source);
    let _keeper = place.keep(&next);
    assert_eq!(next.status(acme.id).await, Err(Kind::Unavailable));
    assert_eq!(next.role(&member(&acme, "ada")).await, Err(Kind::Unavailable));
}

#[tokio::test(start_paused = true)]
async fn whatever_the_registry_says_wins() {
    let (place, source, all) = after_a_crash().await;
    source.change(all[0].id, |record| record.status = TenantStatus::Suspended);
    source.change(all[1].id, |record| record.status = TenantStatus::Active);
    source.leave(&member(&all[0], "ada"));
    source.look_ups(Health::Up);
    let process = Process::start(&source);
    let _keeper = place.keep(&process);
    assert_eq!(process.status(all[0].id).await, Ok(TenantStatus::Suspended));
    assert_eq!(process.status(all[1].id).await, Ok(TenantStatus::Active));
    assert_eq!(process.role(&member(&all[0], "ada")).await, Err(Kind::NotFound));
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_not_this_deployments_own_is_ignored() {
    type Alter = fn(&Place);
    let alter: [(&str, Alter); 4] = [
        ("pinned@registry", |_| {}),
        ("shared@registry", |place| {
            let text = fs::read_to_string(place.path()).unwrap();
            fs::write(place.path(), text.replace("suspended", "active")).unwrap();
        }),
        ("shared@registry", |place| {
            let text = fs::read_to_string(place.path()).unwrap();
            fs::write(place.path(), text.replacen("last-known 1", "last-known 2", 1)).unwrap();
        }),
        ("shared@registry", |place| {
            fs::write(place.0.path().join("key"), "K".repeat(32)).unwrap();
        }),
    ];
    for (scope, alter) in alter {
        let (place, source, all) = after_a_crash().await;
        alter(&place);
        let process = Process::start(&source);
        let _keeper = place.keep_as(&process, scope);
        assert_eq!(process.directory.len(), 0, "{scope}");
        assert_eq!(process.status(all[0].id).await, Err(Kind::Unavailable));
    }
}

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn its_owner_alone_reads_it() {
    use std::os::unix::fs::PermissionsExt;
    let (place, _, _) = after_a_crash().await;
    let mode = fs::metadata(place.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_key_that_can_be_guessed_is_refused_and_not_repeated() {
    let place = Place::new();
    let key = place.0.path().join("key");
    fs::write(&key, "hunter2").unwrap();
    let refused = LastKnown::new(place.path(), &secret(&key), "shared")
        .err()
        .unwrap();
    assert!(matches!(refused, LastKnownError::Short(_)), "{refused}");
    assert!(!refused.to_string().contains("hunter2"), "{refused}");
}
