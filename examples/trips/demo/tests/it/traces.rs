//! What a world leaves where others could find it.

use std::{collections::BTreeMap, net::TcpStream, path::PathBuf};

use demo::world::{Extent, Service, Target, World};

/// Which deployments hold which secret.
fn holders(world: &World) -> BTreeMap<String, Vec<Target>> {
    let mut holders: BTreeMap<String, Vec<Target>> = BTreeMap::new();
    for target in world.targets() {
        for file in std::fs::read_dir(world.folder(target).join("secrets")).unwrap() {
            let secret = std::fs::read_to_string(file.unwrap().path()).unwrap();
            holders.entry(secret).or_default().push(target);
        }
    }
    holders
}

fn readable_by_others(file: &PathBuf) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).unwrap().permissions().mode() & 0o077 != 0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_keeps_its_secrets_apart_and_leaves_nothing_behind() {
    let world = World::start(Extent::Whole, |_| {}).await.unwrap();
    let holders = holders(&world);
    assert_eq!(
        holders.len(),
        16,
        "the registry, the databases and two services' keys of three deployments, the shared one's Redis and access token"
    );
    assert!(
        holders.values().all(|targets| targets.len() == 1),
        "two deployments share a secret"
    );
    let open: Vec<PathBuf> = world
        .files()
        .unwrap()
        .into_iter()
        .filter(readable_by_others)
        .collect();
    assert_eq!(open, Vec::<PathBuf>::new());
    for target in world.targets() {
        for service in Service::ALL {
            let config = std::fs::read_to_string(world.config(target, service).unwrap()).unwrap();
            assert!(
                !config.contains("postgres://"),
                "{service} has a secret in its configuration"
            );
        }
    }

    let (folder, port) = (world.folder(Target::Shared), world.postgres().port());
    let ada = world.tenant("ada").unwrap();
    let service = world.url(ada, Service::Itineraries).unwrap();
    world.stop().await.unwrap();
    assert!(!folder.exists());
    let address = service.strip_prefix("http://").unwrap();
    assert!(TcpStream::connect(address).is_err(), "a service still listens");
    assert!(
        TcpStream::connect(("127.0.0.1", port)).is_err(),
        "PostgreSQL still listens"
    );
}
