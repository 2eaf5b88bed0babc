//! A service that reaches the world through a proxy. What is on its own machine it asks without one.

use std::{
    env,
    process::{Command, Output},
};

use crate::world::World;

/// A proxy of nobody, as the environment of a process names it.
const PROXY: &str = "http://127.0.0.1:9";
const BEHIND_ONE: &str = "TENANCY_TEST_BEHIND_A_PROXY";

/// This test again, in a process of its own: a client reads its proxies once, from the environment.
fn behind_a_proxy(test: &str) -> Output {
    let mut command = Command::new(env::current_exe().unwrap());
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
        command.env(name, PROXY).env(name.to_uppercase(), PROXY);
    }
    command.env_remove("no_proxy").env_remove("NO_PROXY");
    command
        .args(["--exact", test])
        .env(BEHIND_ONE, "1")
        .output()
        .unwrap()
}

#[tokio::test]
async fn a_server_on_this_machine_is_asked_without_a_proxy() {
    if env::var_os(BEHIND_ONE).is_none() {
        let output = behind_a_proxy("proxy::a_server_on_this_machine_is_asked_without_a_proxy");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        return;
    }
    let world = World::start().await;
    world.verifier.verify(&world.token()).await.unwrap();
    assert_eq!(world.server.fetches(), 1);
    // any other client goes through it
    assert!(reqwest::get(world.server.url()).await.is_err());
}
