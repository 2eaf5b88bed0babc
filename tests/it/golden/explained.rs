//! A denial says in the log who, with which role, and by which rule in which version of it.

use std::{
    io,
    sync::{Arc, Mutex},
};

use tenancy_core::{DataWrite, Permit, Role, SettingsUpdate, Tier, UserId};
use tenancy_testkit::{context, tenant};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn a_denial_says_who_with_which_role_and_by_which_rule() {
    let acme = tenant("acme", Tier::Enterprise);
    let ctx = context(&acme, Role::Member).await;
    let (lines, note) = (Lines::default(), UserId::new());
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(lines.clone());
    // of this thread alone, so that it is in no other test's way
    let logging = tracing::subscriber::set_default(subscriber.finish());
    Permit::<SettingsUpdate>::check(&ctx).unwrap_err();
    let write = Permit::<DataWrite>::check(&ctx).unwrap();
    write
        .target("note", note)
        .on_visible(UserId::new(), false)
        .unwrap_err();
    drop(logging);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let (first, second) = text.trim_end().split_once('\n').expect("two lines");
    let actor = format!("actor=user:{}", ctx.user_id().unwrap());
    let check = |line: &str, says: &[&str]| {
        for part in says
            .iter()
            .chain(&[actor.as_str(), "role=member", "policy=1", "denied"])
        {
            assert!(line.contains(part), "`{part}` is not in {line}");
        }
    };
    check(
        first,
        &["permission=tenant:settings:update", "rule=at_least_admin"],
    );
    check(
        second,
        &[
            "permission=tenant:data:write",
            "rule=others_data",
            &format!("on=note/{note}"),
        ],
    );
}
