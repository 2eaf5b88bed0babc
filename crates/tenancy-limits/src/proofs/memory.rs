//! Whether Redis may forget by itself.

use std::time::Duration;

use redis::aio::MultiplexedConnection;

use crate::shared::within;

/// Says it in the log when the server may drop what it was to remember. One that does not tell is not asked further.
pub(super) async fn warn_if_it_evicts(connection: &mut MultiplexedConnection) {
    let mut info = redis::cmd("INFO");
    info.arg("memory");
    let asked = within(Duration::from_secs(1), info.query_async::<String>(connection)).await;
    if asked.is_ok_and(|info| evicts(&info)) {
        tracing::warn!(
            "the store of shared proofs may evict what it is to remember: set its `maxmemory-policy` to `noeviction`"
        );
    }
}

fn evicts(info: &str) -> bool {
    let value = |name: &str| {
        info.lines()
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
    };
    let bounded = value("maxmemory:").is_some_and(|most| most != "0");
    bounded && value("maxmemory_policy:").is_some_and(|policy| policy != "noeviction")
}

#[cfg(test)]
mod tests {
    use super::evicts;

    #[test]
    fn a_server_that_may_drop_what_it_remembers_is_told_apart() {
        let check = |most: &str, policy: &str, expect| {
            let info = format!(
                "# Memory\r\nmaxmemory:{most}\r\nmaxmemory_human:1G\r\nmaxmemory_policy:{policy}\r\n"
            );
            assert_eq!(evicts(&info), expect, "{info}");
        };
        check("0", "noeviction", false);
        check("0", "allkeys-lru", false);
        check("1073741824", "noeviction", false);
        check("1073741824", "volatile-ttl", true);
        assert!(!evicts(""));
    }
}
