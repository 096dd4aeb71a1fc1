//! Records in Redis or Valkey: one server, one that sentinels name, or a cluster.
//!
//! Each verb is one script ([`scripts`]), so one step for all clients. Beside the records there is an index for each
//! kind, a sorted set of their names by the time when they end: it keeps the caps and counts what a sweep deletes.
//! [`link`] holds the connection, [`names`] says what keys are called.

mod link;
mod names;
mod scripts;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use self::link::Link;
use self::names::name_of;
use self::scripts::{INCREMENT, INSERT, SWEEP, TAKE, UPDATE};
use crate::gate::Backend;
use crate::{Caps, Error, Fence, Key, Kind, Result, Store};

/// Records in Redis, version 6.2 or newer, or in Valkey.
///
/// Its [`Fence`] is the last moment at which the data may have lost something: the start of the server, or its taking
/// over from another. The server tells by its replication id, which every insert reads in the same step.
///
/// On one server, or on one that sentinels name, caps are exact. In a cluster records are spread over 64 buckets by
/// their digests, each with its share of the cap and with its own fence. A server that is out of memory and evicts
/// nothing is [`Full`](Error::Full), too.
#[derive(Debug)]
pub struct RedisStore {
    link: Arc<Link>,
    caps: Caps,
}

impl RedisStore {
    /// A store at this URL, with the default [`Caps`].
    ///
    /// - `redis://user:password@host:6379/database`, or `rediss://` for TLS;
    /// - `redis+sentinel://user:password@sentinel:26379,sentinel:26379/master/database`, with `sentinel_username` and
    ///   `sentinel_password` where the sentinels ask for their own;
    /// - `redis+cluster://user:password@node:6379,node:6379`.
    ///
    /// The option `prefix` begins every key (`inkgate`). The store connects by itself and as soon as the server
    /// answers; [`settled`](Self::settled) waits for that. Until then, and whenever the server is away, every verb is
    /// [`Unavailable`](Error::Unavailable) at once.
    ///
    /// # Errors
    /// [`BadAddress`](Error::BadAddress).
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    pub fn open(url: &str) -> Result<Self> {
        Self::with_caps(url, Caps::default())
    }

    /// A store at this URL.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    ///
    /// # Panics
    /// As [`open`](Self::open).
    pub fn with_caps(url: &str, caps: Caps) -> Result<Self> {
        Ok(Self {
            link: Link::open(url)?,
            caps,
        })
    }

    /// Waits until the server answers, or it is known why it does not.
    ///
    /// # Errors
    /// [`Unavailable`](Error::Unavailable).
    pub async fn settled(&self, patience: Duration) -> Result<()> {
        self.link.gate().settled(patience).await
    }

    fn cap(&self, key: &Key) -> String {
        let cap = self.caps.of(key.kind());
        self.link.names.share(cap).to_string()
    }
}

#[async_trait]
impl Store for RedisStore {
    async fn insert(&self, key: &Key, value: &[u8], ttl: Duration) -> Result<Fence> {
        let names = &self.link.names;
        let keys = [names.record(key), names.index(key), names.fence(key)];
        let (life, cap, now) = (life(ttl), self.cap(key), self.link.clock.now().to_string());
        let values = [
            name_of(key),
            value,
            life.as_bytes(),
            cap.as_bytes(),
            now.as_bytes(),
        ];
        let (outcome, since) = self.link.run(&INSERT, &keys, &values).await?;
        done(outcome)?;
        Ok(Fence::since(since))
    }

    async fn update(&self, key: &Key, value: &[u8], ttl: Duration) -> Result<bool> {
        let keys = [self.link.names.record(key), self.link.names.index(key)];
        let life = life(ttl);
        let values = [name_of(key), value, life.as_bytes()];
        self.link.run(&UPDATE, &keys, &values).await
    }

    async fn get(&self, key: &Key) -> Result<Option<Vec<u8>>> {
        let mut get = redis::cmd("GET");
        get.arg(self.link.names.record(key));
        self.link.ask(&get).await
    }

    async fn take(&self, key: &Key) -> Result<Option<Vec<u8>>> {
        let keys = [self.link.names.record(key), self.link.names.index(key)];
        self.link.run(&TAKE, &keys, &[name_of(key)]).await
    }

    async fn increment(&self, key: &Key, ttl: Duration) -> Result<u64> {
        let keys = [self.link.names.record(key), self.link.names.index(key)];
        let (life, cap) = (life(ttl), self.cap(key));
        let values = [name_of(key), life.as_bytes(), cap.as_bytes()];
        let (outcome, sum) = self.link.run(&INCREMENT, &keys, &values).await?;
        done(outcome)?;
        Ok(sum)
    }

    async fn sweep(&self) -> Result<u64> {
        let mut swept = 0;
        for index in Kind::ALL
            .iter()
            .flat_map(|kind| self.link.names.indexes(*kind))
        {
            loop {
                let batch: u64 = self
                    .link
                    .run(
                        &SWEEP,
                        std::slice::from_ref(&index),
                        &[SWEEP_AT_ONCE.as_bytes()],
                    )
                    .await?;
                swept += batch;
                if batch == 0 {
                    break;
                }
            }
        }
        Ok(swept)
    }

    async fn close(&self) -> Result<()> {
        Ok(())
    }
}

/// How many records a sweep forgets before others have their turn.
const SWEEP_AT_ONCE: &str = "1000";

/// Milliseconds, at most a hundred years: every server can add them to any time.
fn life(ttl: Duration) -> String {
    ttl.as_millis().min(3_155_760_000_000).to_string()
}

/// What the scripts call an outcome.
fn done(outcome: u8) -> Result<()> {
    match outcome {
        0 => Ok(()),
        1 => Err(Error::Conflict),
        2 => Err(Error::Full),
        _ => Err(Error::NotACounter),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Instant;

    use super::*;
    use crate::contract::Opened;
    use crate::daemon::{Daemon, free_port, is_there};

    const SOON: Duration = Duration::from_secs(20);
    const MINUTE: Duration = Duration::from_secs(60);

    /// Waits until a store's server answers.
    async fn reach(store: &RedisStore) {
        let patience = Instant::now() + SOON;
        while let Err(error) = store.settled(SOON).await {
            assert!(matches!(error, Error::Unavailable(_)), "{error}");
            assert!(Instant::now() < patience, "{error:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn at(url: &str, caps: Caps) -> RedisStore {
        let store = RedisStore::with_caps(url, caps).unwrap();
        reach(&store).await;
        store
    }

    /// A prefix that nobody has used.
    fn fresh() -> String {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed))
    }

    fn cli(port: u16, words: &[&str]) -> String {
        let said = Command::new("redis-cli")
            .args(["-p", &port.to_string()])
            .args(words)
            .output();
        String::from_utf8(said.unwrap().stdout).unwrap()
    }

    /// One server that stands alone.
    mod one {
        use super::*;

        static SERVER: LazyLock<Daemon> =
            LazyLock::new(|| Daemon::start_for_all("redis", &["--save", ""]));

        fn url(port: u16, prefix: &str) -> String {
            format!("redis://127.0.0.1:{port}/0?prefix={prefix}")
        }

        async fn open(caps: Caps) -> Opened<dyn Store> {
            Opened::new(Arc::new(at(&url(SERVER.port, &fresh()), caps).await))
        }

        store_contract!(open, is_there("redis"));

        #[tokio::test]
        async fn a_counter_stops_at_its_largest_sum() {
            if !is_there("redis") {
                return;
            }
            let store = at(&url(SERVER.port, &fresh()), Caps::default()).await;
            let key = Key::new(Kind::Counter, b"often");
            let last = (crate::COUNTER_MAX - 1).to_string();
            store.insert(&key, last.as_bytes(), MINUTE).await.unwrap();
            for _ in 0..2 {
                let sum = store.increment(&key, MINUTE).await.unwrap();
                assert_eq!(sum, crate::COUNTER_MAX);
            }
        }

        /// STO-09
        #[tokio::test]
        async fn two_prefixes_on_one_server_do_not_see_each_other() {
            if !is_there("redis") {
                return;
            }
            let mark = Key::new(Kind::Mark, b"a");
            for _ in 0..2 {
                let store = at(&url(SERVER.port, &fresh()), Caps::default()).await;
                store.insert(&mark, b"", MINUTE).await.unwrap();
            }
        }

        /// A server that is out of memory is full, and keeps what it has.
        #[tokio::test]
        async fn a_server_without_memory_refuses_and_loses_nothing() {
            if !is_there("redis") {
                return;
            }
            let options = [
                "--save",
                "",
                "--maxmemory",
                "3mb",
                "--maxmemory-policy",
                "noeviction",
            ];
            let server = Daemon::start("redis", &options);
            let store = at(&url(server.port, "a"), Caps::default()).await;
            let name = |i: u32| Key::new(Kind::Session, &i.to_be_bytes());
            let mut kept = 0;
            loop {
                match store.insert(&name(kept), &[7; 10_000], MINUTE).await {
                    Ok(_) => kept += 1,
                    Err(error) => break assert!(matches!(error, Error::Full), "{error:?}"),
                }
            }
            assert!(kept > 10, "{kept}");
            let counted = async |i: u32| {
                let counter = Key::new(Kind::Counter, &i.to_be_bytes());
                store.increment(&counter, MINUTE).await
            };
            let mut i = 0;
            let refused = loop {
                match counted(i).await {
                    Ok(_) => i += 1,
                    Err(error) => break error,
                }
            };
            assert!(matches!(refused, Error::Full), "{refused:?}");
            for i in 0..kept {
                assert!(store.get(&name(i)).await.unwrap().is_some(), "{i}");
            }
            for i in 0..kept / 2 {
                store.take(&name(i)).await.unwrap().unwrap();
            }
            store.insert(&name(0), b"room again", MINUTE).await.unwrap();
        }

        /// F-15: killed and started again without its data. The fence tells.
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn a_server_that_forgot_raises_the_fence() {
            if !is_there("redis") {
                return;
            }
            let mut server = Daemon::start("redis", &["--save", ""]);
            let store = at(&url(server.port, "a"), Caps::default()).await;
            let mark = Key::new(Kind::Mark, b"a");
            let mut fence = store.insert(&mark, b"", MINUTE).await.unwrap();
            for _ in 0..3 {
                server.kill();
                let refused = store.insert(&mark, b"", MINUTE).await;
                assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
                let before = store.link.clock.now();
                server.resume();
                reach(&store).await;
                let raised = store.insert(&mark, b"", MINUTE).await.unwrap();
                assert!(raised > fence && raised.as_millis() >= before);
                fence = raised;
            }
        }

        /// F-15: with every write on disk, a mark outlives the crash, and the fence is raised all the same.
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn a_server_that_remembers_refuses_a_used_mark() {
            if !is_there("redis") {
                return;
            }
            let mut server =
                Daemon::start("redis", &["--appendonly", "yes", "--appendfsync", "always"]);
            let store = at(&url(server.port, "a"), Caps::default()).await;
            let mark = Key::new(Kind::Mark, b"a");
            let fence = store.insert(&mark, b"", MINUTE).await.unwrap();
            server.kill();
            let refused = store.insert(&mark, b"", MINUTE).await;
            assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
            server.resume();
            reach(&store).await;
            let again = store.insert(&mark, b"", MINUTE).await;
            assert!(matches!(again, Err(Error::Conflict)), "{again:?}");
            let other = Key::new(Kind::Mark, b"b");
            assert!(store.insert(&other, b"", MINUTE).await.unwrap() > fence);
        }

        /// STO-03: a server that hears and does not answer is given up, and taken back when it answers.
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn a_server_that_does_not_answer_is_given_up() {
            if !is_there("redis") {
                return;
            }
            let server = Daemon::start("redis", &["--save", ""]);
            let store = at(&url(server.port, "a"), Caps::default()).await;
            let pid = std::fs::read_to_string(server.path().join("pid")).unwrap();
            let signal = |name: &str| {
                assert!(
                    Command::new("kill")
                        .args([name, pid.trim()])
                        .status()
                        .unwrap()
                        .success()
                );
            };
            signal("-STOP");
            let mark = Key::new(Kind::Mark, b"a");
            for _ in 0..3 {
                let begun = Instant::now();
                let refused = store.insert(&mark, b"", MINUTE).await;
                assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
                assert!(begun.elapsed() < Duration::from_secs(3));
            }
            signal("-CONT");
            reach(&store).await;
            // The first of them may have been done before it was given up.
            let settled = store.insert(&mark, b"", MINUTE).await;
            assert!(
                matches!(settled, Ok(_) | Err(Error::Conflict)),
                "{settled:?}"
            );
        }

        /// STO-08: what a user of the server must be allowed.
        #[tokio::test]
        async fn a_user_with_few_rights_is_enough() {
            if !is_there("redis") {
                return;
            }
            let rights = "~{ink:* +@connection +get +eval +evalsha +time +info +exists +set +del +incr \
                          +zadd +zrem +zcard +zrangebyscore +hset +hmget";
            let mut words = vec!["ACL", "SETUSER", "ink", "reset", "on", ">s3cret"];
            words.extend(rights.split_whitespace());
            assert_eq!(cli(SERVER.port, &words).trim(), "OK");
            let url = format!("redis://ink:s3cret@127.0.0.1:{}?prefix=ink", SERVER.port);
            let store = at(&url, Caps::default()).await;
            for kind in Kind::ALL {
                let key = Key::new(kind, b"a");
                store.insert(&key, b"1", MINUTE).await.unwrap();
                assert!(store.update(&key, b"2", MINUTE).await.unwrap());
                assert_eq!(store.increment(&key, MINUTE).await.unwrap(), 3);
                assert_eq!(store.take(&key).await.unwrap().unwrap(), b"3");
            }
            store.sweep().await.unwrap();
        }
    }

    /// A master, its replica and three sentinels.
    mod sentinel {
        use super::*;

        struct Group {
            master: Daemon,
            replica: Daemon,
            sentinels: Vec<Daemon>,
        }

        impl Group {
            fn start(start: fn(&'static str, &[&str]) -> Daemon) -> Self {
                let master = start("redis", &["--save", ""]);
                let port = master.port.to_string();
                let replica = start(
                    "redis",
                    &[
                        "--save",
                        "",
                        "--replicaof",
                        "127.0.0.1",
                        &port,
                        "--repl-diskless-sync-delay",
                        "0",
                    ],
                );
                let watch = format!(
                    "sentinel monitor ink 127.0.0.1 {port} 2\\nsentinel down-after-milliseconds ink 400\\n\
                     sentinel failover-timeout ink 2000"
                );
                let sentinels = (0..3)
                    .map(|_| start("sentinel", &[&watch]))
                    .collect::<Vec<_>>();
                let group = Self {
                    master,
                    replica,
                    sentinels,
                };
                group.settle();
                group
            }

            /// Waits until the sentinels know of each other and of the replica.
            fn settle(&self) {
                let patience = Instant::now() + SOON;
                for sentinel in &self.sentinels {
                    loop {
                        let said = cli(sentinel.port, &["SENTINEL", "MASTER", "ink"]);
                        let is =
                            |key: &str, value: &str| said.contains(&format!("{key}\n{value}\n"));
                        if is("num-other-sentinels", "2") && is("num-slaves", "1") {
                            break;
                        }
                        assert!(Instant::now() < patience, "{said}");
                        std::thread::sleep(Duration::from_millis(50));
                    }
                }
                while !cli(self.replica.port, &["INFO", "replication"])
                    .contains("master_link_status:up")
                {
                    assert!(Instant::now() < patience);
                    std::thread::sleep(Duration::from_millis(50));
                }
            }

            fn url(&self, prefix: &str) -> String {
                let hosts = self
                    .sentinels
                    .iter()
                    .map(|sentinel| format!("127.0.0.1:{}", sentinel.port));
                let hosts = hosts.collect::<Vec<_>>().join(",");
                format!("redis+sentinel://{hosts}/ink?prefix={prefix}")
            }
        }

        static GROUP: LazyLock<Group> = LazyLock::new(|| Group::start(Daemon::start_for_all));

        async fn open(caps: Caps) -> Opened<dyn Store> {
            Opened::new(Arc::new(at(&GROUP.url(&fresh()), caps).await))
        }

        store_contract!(open, is_there("redis"));

        /// F-16: the replica that takes over may lack the last marks; every ticket from before is refused.
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn a_failover_raises_the_fence() {
            if !is_there("redis") {
                return;
            }
            let mut group = Group::start(Daemon::start);
            let store = at(&group.url("a"), Caps::default()).await;
            let mark = Key::new(Kind::Mark, b"a");
            let fence = store.insert(&mark, b"", MINUTE).await.unwrap();
            let before = store.link.clock.now();
            group.master.kill();
            let patience = Instant::now() + SOON;
            let raised = loop {
                let other = Key::new(Kind::Mark, b"b");
                match store.insert(&other, b"", MINUTE).await {
                    Ok(raised) => break raised,
                    Err(error) => assert!(matches!(error, Error::Unavailable(_)), "{error:?}"),
                }
                assert!(Instant::now() < patience);
                tokio::time::sleep(Duration::from_millis(20)).await;
            };
            assert!(raised > fence && raised.as_millis() >= before);
            // This one had arrived at the replica.
            let again = store.insert(&mark, b"", MINUTE).await;
            assert!(matches!(again, Err(Error::Conflict)), "{again:?}");
        }
    }

    /// Three masters that share the slots.
    mod cluster {
        use super::*;

        struct Nodes(Vec<Daemon>);

        impl Nodes {
            fn start(start: fn(&'static str, &[&str]) -> Daemon) -> Self {
                let nodes = (0..3).map(|_| {
                    let bus = free_port().to_string();
                    let options = [
                        "--save",
                        "",
                        "--cluster-enabled",
                        "yes",
                        "--cluster-port",
                        &bus,
                        "--cluster-node-timeout",
                        "1000",
                        "--cluster-require-full-coverage",
                        "no",
                    ];
                    start("redis", &options)
                });
                let nodes = Self(nodes.collect());
                let hosts: Vec<String> = nodes
                    .0
                    .iter()
                    .map(|node| format!("127.0.0.1:{}", node.port))
                    .collect();
                let mut words = vec!["--cluster", "create"];
                words.extend(hosts.iter().map(String::as_str));
                words.extend(["--cluster-yes"]);
                let said = cli(nodes.0[0].port, &words);
                assert!(said.contains("All 16384 slots covered"), "{said}");
                let patience = Instant::now() + SOON;
                for node in &nodes.0 {
                    while !cli(node.port, &["CLUSTER", "INFO"]).contains("cluster_state:ok") {
                        assert!(Instant::now() < patience);
                        std::thread::sleep(Duration::from_millis(50));
                    }
                }
                nodes
            }

            fn url(&self, prefix: &str) -> String {
                let hosts: Vec<String> = self
                    .0
                    .iter()
                    .map(|node| format!("127.0.0.1:{}", node.port))
                    .collect();
                format!("redis+cluster://{}?prefix={prefix}", hosts.join(","))
            }
        }

        static NODES: LazyLock<Nodes> = LazyLock::new(|| Nodes::start(Daemon::start_for_all));

        async fn open(caps: Caps) -> Opened<dyn Store> {
            Opened::new(Arc::new(at(&NODES.url(&fresh()), caps).await))
        }

        // All but the laws of a full kind: a cap holds for each bucket.
        laws!(
            open,
            is_there("redis"),
            a_live_record_refuses_another_under_its_key,
            an_expired_record_is_gone_before_any_sweep,
            a_record_is_taken_once,
            a_key_is_inserted_once,
            a_counter_counts_every_increment,
            a_counter_starts_again_when_it_has_expired,
            a_counter_is_read_as_digits_and_nothing_else_counts,
            only_a_live_record_is_updated,
            kinds_do_not_collide,
            a_sweep_counts_what_it_deletes,
            bytes_come_back_as_they_were,
            a_closed_store_can_be_closed_again,
        );

        #[tokio::test]
        async fn a_full_bucket_refuses_and_loses_nothing() {
            if !is_there("redis") {
                return;
            }
            let caps = Caps {
                sessions: 640,
                ..Caps::default()
            };
            let store = at(&NODES.url(&fresh()), caps).await;
            let name = |i: u32| Key::new(Kind::Session, &i.to_be_bytes());
            let mut kept = Vec::new();
            for i in 0..1_500 {
                match store.insert(&name(i), b"", MINUTE).await {
                    Ok(_) => kept.push(i),
                    Err(error) => assert!(matches!(error, Error::Full), "{error:?}"),
                }
            }
            assert!((500..=640).contains(&kept.len()), "{}", kept.len());
            for i in kept {
                assert!(store.get(&name(i)).await.unwrap().is_some());
            }
        }

        /// Each bucket has its fence from the first connection.
        #[tokio::test]
        async fn the_fences_stand_still_while_the_store_is_open() {
            if !is_there("redis") {
                return;
            }
            let prefix = fresh();
            let first = at(&NODES.url(&prefix), Caps::default()).await;
            let opened = first.link.clock.now();
            let second = at(&NODES.url(&prefix), Caps::default()).await;
            for i in 0..200_u32 {
                let mark = Key::new(Kind::Mark, &i.to_be_bytes());
                let store = [&first, &second][i as usize % 2];
                let fence = store.insert(&mark, b"", MINUTE).await.unwrap();
                assert!(fence.as_millis() <= opened);
            }
        }

        /// F-15: as soon as all nodes are back, every fence stands where it was raised to: only tickets from before are
        /// refused.
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn nodes_that_forgot_raise_their_fences_before_they_are_asked() {
            if !is_there("redis") {
                return;
            }
            let mut nodes = Nodes::start(Daemon::start);
            let store = at(&nodes.url("a"), Caps::default()).await;
            for node in &mut nodes.0 {
                node.kill();
            }
            let mark = Key::new(Kind::Mark, b"a");
            let refused = store.insert(&mark, b"", MINUTE).await;
            assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
            let before = store.link.clock.now();
            for node in &mut nodes.0 {
                node.resume();
            }
            let patience = Instant::now() + SOON;
            for fence in store.link.names.fences() {
                let mut since = redis::cmd("HGET");
                since.arg(fence).arg("since");
                while !matches!(store.link.ask::<Option<u64>>(&since).await, Ok(Some(since)) if since >= before)
                {
                    assert!(Instant::now() < patience);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }

        /// One node that starts again without its data raises its own fences; the others' stand.
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn a_node_that_forgot_raises_its_fences() {
            if !is_there("redis") {
                return;
            }
            let mut nodes = Nodes::start(Daemon::start);
            let store = at(&nodes.url("a"), Caps::default()).await;
            let opened = store.link.clock.now();
            nodes.0[1].kill();
            let before = store.link.clock.now();
            nodes.0[1].resume();
            let (mut raised, mut stood) = (0, 0);
            let patience = Instant::now() + SOON;
            for i in 0..200_u32 {
                let mark = Key::new(Kind::Mark, &i.to_be_bytes());
                let fence = loop {
                    match store.insert(&mark, b"", MINUTE).await {
                        Ok(fence) => break fence.as_millis(),
                        Err(error) => assert!(matches!(error, Error::Unavailable(_)), "{error:?}"),
                    }
                    assert!(Instant::now() < patience);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                };
                raised += usize::from(fence >= before);
                stood += usize::from(fence <= opened);
            }
            assert!(
                raised > 20 && stood > 20 && raised + stood == 200,
                "{raised} {stood}"
            );
        }
    }

    #[tokio::test]
    async fn an_address_that_cannot_be_used_is_refused_without_telling_its_password() {
        for url in [
            "redis://ann:s3cret@db.test:x",
            "redis://ann:s3cret@db.test/x",
            "redis://ann:s3cret@db.test?prefix=A%22",
            "redis://ann:s3cret@db.test?nonsense=1",
            "redis+moon://ann:s3cret@db.test",
            "redis+sentinel://ann:s3cret@db.test:26379",
            "redis+sentinel://ann:s3cret@db.test:26379/ink/x",
            "redis+cluster://ann:s3cret@db.test:x",
        ] {
            let refused = RedisStore::open(url).unwrap_err();
            assert!(matches!(refused, Error::BadAddress(_)), "{refused:?}");
            assert!(
                !format!("{refused} {refused:?}").contains("s3cret"),
                "{refused:?}"
            );
        }
        for url in [
            "redis://ann:s3cret@127.0.0.1:1",
            "redis+cluster://ann:s3cret@127.0.0.1:1",
            "redis+sentinel://ann:s3cret@127.0.0.1:1/ink",
        ] {
            let store = RedisStore::open(url).unwrap();
            let refused = store.settled(SOON).await.unwrap_err();
            assert!(!format!("{refused:?} {store:?}").contains("s3cret"));
        }
    }
}
