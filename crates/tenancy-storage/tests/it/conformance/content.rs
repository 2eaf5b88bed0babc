//! Content: large, in chunks, in parts.

use bytes::Bytes;
use futures::{StreamExt, future::join_all};
use tenancy_core::{Error, Kind};
use tenancy_storage::PutMode;

use super::owners;
use crate::kit::key;

/// More than a store is sent at a time.
const LARGE: usize = 20 * 1024 * 1024 + 3;

fn content(size: usize) -> Bytes {
    (0..size)
        .map(|n| (n / 1024 % 251) as u8)
        .collect::<Vec<u8>>()
        .into()
}

fn chunks(of: &Bytes, size: usize) -> Vec<Result<Bytes, Error>> {
    of.chunks(size).map(|chunk| Ok(of.slice_ref(chunk))).collect()
}

#[tokio::test]
async fn a_large_object_comes_in_chunks_and_is_collected_within_a_bound_only() {
    for (_root, acme) in owners().await {
        let content = content(1_000_003);
        let put = acme.put("large", content.clone(), PutMode::Create);
        put.await.unwrap();
        let mut object = acme.store.get(&acme.ctx, &key("large")).await.unwrap();
        let mut read = Vec::new();
        let mut chunks = 0;
        while let Some(chunk) = object.content.next().await {
            chunks += 1;
            read.extend_from_slice(&chunk.unwrap());
        }
        assert!(chunks > 1);
        assert_eq!(read, content);
        let object = acme.store.get(&acme.ctx, &key("large")).await.unwrap();
        let error = object.into_bytes(1_000_002).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid);
    }
}

#[tokio::test]
async fn content_of_unknown_size_arrives_whole() {
    for (_root, acme) in owners().await {
        for (name, size) in [("small", 10_000), ("large", LARGE)] {
            let content = content(size);
            for mode in [PutMode::Create, PutMode::Replace] {
                let made = acme.stream(name, chunks(&content, 100_000), mode).await.unwrap();
                assert_eq!(made.size, size as u64);
                assert_eq!(acme.head(name).await.unwrap(), made);
            }
            let read = acme.store.get(&acme.ctx, &key(name)).await.unwrap();
            assert!(read.into_bytes(LARGE as u64).await.unwrap() == content);
        }
        // in one piece, over the same bound
        let put = acme.put("whole", content(LARGE), PutMode::Create);
        assert_eq!(put.await.unwrap().size, LARGE as u64);
    }
}

#[tokio::test]
async fn content_that_fails_leaves_what_was_there() {
    for (root, acme) in owners().await {
        acme.create("kept", "one").await.unwrap();
        for size in [10, LARGE] {
            for (name, mode) in [("new", PutMode::Create), ("kept", PutMode::Replace)] {
                let mut chunks = chunks(&content(size), 1 << 20);
                chunks.push(Err(Error::not_found("the writer's own")));
                let error = acme.stream(name, chunks, mode).await.unwrap_err();
                assert_eq!(
                    (error.kind(), error.log()),
                    (Kind::NotFound, Some("the writer's own"))
                );
            }
        }
        let mut small = root.owner_of(acme.tenant.clone()).await;
        small.store = root
            .stores
            .clone()
            .with_max_object_bytes(3)
            .handle("uploads".parse().unwrap());
        let chunks = vec![Ok("ab".into()), Ok("cd".into())];
        let error = small.stream("new", chunks, PutMode::Create).await.unwrap_err();
        assert_eq!((error.kind(), error.problem().status()), (Kind::Invalid, 413));

        assert_eq!(acme.keys(tenancy_storage::Listing::all()).await, ["kept"]);
        assert_eq!(acme.read("kept").await.unwrap(), "one");
    }
}

#[tokio::test]
async fn a_range_is_a_part_of_the_object() {
    for (_root, acme) in owners().await {
        let made = acme.create("a", "0123456789").await.unwrap();
        for (range, expect) in [
            (0..3, "012"),
            (3..4, "3"),
            (8..10, "89"),
            (8..u64::MAX, "89"),
            (0..10, "0123456789"),
        ] {
            assert_eq!(acme.range("a", range.clone()).await.unwrap(), expect, "{range:?}");
        }
        let opened = acme.store.get_range(&acme.ctx, &key("a"), 2..5).await.unwrap();
        assert_eq!((opened.length(), &opened.meta), (3, &made));
        for range in [10..11, 11..20, 3..3] {
            let error = acme.range("a", range.clone()).await.unwrap_err();
            assert_eq!(error.kind(), Kind::Invalid, "{range:?}");
        }
    }
}

#[tokio::test]
async fn a_reader_keeps_what_it_opened() {
    for (_root, acme) in owners().await {
        acme.create("a", "one").await.unwrap();
        let opened = acme.store.get(&acme.ctx, &key("a")).await.unwrap();
        acme.replace("a", "two").await.unwrap();
        acme.delete("a").await.unwrap();
        assert_eq!(opened.into_bytes(10).await.unwrap(), "one");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_sees_one_writers_whole_content() {
    const SIZE: usize = 100_000;
    for (_root, acme) in owners().await {
        let write = async |byte: u8| {
            let content = Bytes::from(vec![byte; SIZE]);
            let put = acme.put("a", content, PutMode::Replace);
            put.await.unwrap();
        };
        let read = async || {
            let object = acme.store.get(&acme.ctx, &key("a")).await.unwrap();
            let content = object.into_bytes(SIZE as u64).await.unwrap();
            assert!(content.len() == SIZE && content.iter().all(|byte| *byte == content[0]));
        };
        write(0).await;
        for round in 0..5 {
            tokio::join!(
                join_all((0..4).map(|n| write(round * 4 + n))),
                join_all((0..8).map(|_| read()))
            );
        }
    }
}
