//! The laws every backend obeys, as tests: `store_contract!(open)`, `members_contract!(open)` and
//! `sites_contract!(open)` run each of them.

use std::{ops::Deref, sync::Arc, time::Duration};

use tokio::{sync::Barrier, task::JoinSet};

use crate::{
    Caps, Error, Key, Kind, Member, MemberId, Members, NewMember, NewSite, PasswordHash, Retired,
    SecretDigest, Site, Sites, Store,
};

/// A backend to be tested, and the folder it lives in.
pub(crate) struct Opened<T: ?Sized> {
    backend: Arc<T>,
    _folder: Option<tempfile::TempDir>,
}

impl<T: ?Sized> Opened<T> {
    pub(crate) fn new(backend: Arc<T>) -> Self {
        Self {
            backend,
            _folder: None,
        }
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn within(backend: Arc<T>, folder: tempfile::TempDir) -> Self {
        Self {
            backend,
            _folder: Some(folder),
        }
    }
}

impl<T: ?Sized> Deref for Opened<T> {
    type Target = Arc<T>;

    fn deref(&self) -> &Arc<T> {
        &self.backend
    }
}

/// One test for each name, which is a law below. They run where what they need is there.
macro_rules! laws {
    ($open:expr, $there:expr, $($law:ident),+ $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $law() {
                if $there {
                    $crate::contract::$law($open).await;
                }
            }
        )+
    };
}

/// Runs every law of [`Store`] against what `$open(caps).await` opens.
macro_rules! store_contract {
    ($open:expr) => {
        store_contract!($open, true);
    };
    ($open:expr, $there:expr) => {
        laws!(
            $open,
            $there,
            a_live_record_refuses_another_under_its_key,
            an_expired_record_is_gone_before_any_sweep,
            a_record_is_taken_once,
            a_key_is_inserted_once,
            a_counter_counts_every_increment,
            a_counter_starts_again_when_it_has_expired,
            a_counter_is_read_as_digits_and_nothing_else_counts,
            only_a_live_record_is_updated,
            kinds_do_not_collide,
            a_full_kind_refuses_and_loses_nothing,
            a_full_kind_makes_room_of_what_has_expired,
            a_sweep_counts_what_it_deletes,
            bytes_come_back_as_they_were,
            the_fence_stands_still_while_the_store_is_open,
            a_closed_store_can_be_closed_again,
        );
    };
}

/// Runs every law of [`Members`] against what `$open().await` opens.
macro_rules! members_contract {
    ($open:expr) => {
        members_contract!($open, true);
    };
    ($open:expr, $there:expr) => {
        laws!(
            $open,
            $there,
            a_member_is_found_by_number_and_by_any_spelling_of_the_address,
            parallel_spellings_of_one_address_make_one_member,
            the_first_member_is_added_once,
            a_new_password_and_disabling_raise_the_epoch,
            another_hash_of_the_same_password_leaves_the_epoch_and_needs_the_old_one,
            an_epoch_can_be_raised_alone,
            a_removed_members_number_is_not_given_again,
            members_are_listed_oldest_first,
            changes_to_nobody_change_nothing,
        );
    };
}

/// Runs every law of [`Sites`] against what `$open().await` opens.
macro_rules! sites_contract {
    ($open:expr) => {
        sites_contract!($open, true);
    };
    ($open:expr, $there:expr) => {
        laws!(
            $open,
            $there,
            sites_are_listed_as_they_were_added_oldest_first,
            a_name_and_a_key_are_of_one_site,
            a_retired_secret_is_kept_for_its_grace_and_only_the_last,
            a_removed_site_is_gone_and_its_name_is_free,
        );
    };
}

const MINUTE: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(40);
const PAST_SHORT: Duration = Duration::from_millis(60);

/// Short, and long enough for a busy machine to do something within it.
const UNHURRIED: Duration = Duration::from_millis(700);
const PAST_UNHURRIED: Duration = Duration::from_millis(750);

fn key(kind: Kind, name: &str) -> Key {
    Key::new(kind, name.as_bytes())
}

/// Runs `count` tasks at the same moment and returns their results.
async fn together<R: Send + 'static, F: Future<Output = R> + Send + 'static>(
    count: usize,
    task: impl Fn(usize) -> F,
) -> Vec<R> {
    let barrier = Arc::new(Barrier::new(count));
    let mut tasks = JoinSet::new();
    for i in 0..count {
        let (barrier, task) = (Arc::clone(&barrier), task(i));
        tasks.spawn(async move {
            barrier.wait().await;
            task.await
        });
    }
    tasks.join_all().await
}

/// C-61
pub(crate) async fn a_live_record_refuses_another_under_its_key(
    open: impl AsyncFn(Caps) -> Opened<dyn Store>,
) {
    let store = open(Caps::default()).await;
    for kind in Kind::ALL {
        let key = key(kind, "a");
        store.insert(&key, b"one", MINUTE).await.unwrap();
        assert!(matches!(
            store.insert(&key, b"two", MINUTE).await,
            Err(Error::Conflict)
        ));
        assert_eq!(store.get(&key).await.unwrap().unwrap(), b"one");
    }
}

/// CAP-05
pub(crate) async fn an_expired_record_is_gone_before_any_sweep(
    open: impl AsyncFn(Caps) -> Opened<dyn Store>,
) {
    let store = open(Caps::default()).await;
    for kind in Kind::ALL {
        let [read, taken, updated] = ["read", "taken", "updated"].map(|name| key(kind, name));
        for key in [&read, &taken, &updated] {
            store.insert(key, b"old", SHORT).await.unwrap();
        }
        tokio::time::sleep(PAST_SHORT).await;
        assert_eq!(store.get(&read).await.unwrap(), None);
        assert_eq!(store.take(&taken).await.unwrap(), None);
        assert!(!store.update(&updated, b"new", MINUTE).await.unwrap());
        store.insert(&read, b"new", MINUTE).await.unwrap();
        assert_eq!(store.get(&read).await.unwrap().unwrap(), b"new");
        store.insert(&taken, b"", Duration::ZERO).await.unwrap();
        assert_eq!(store.get(&taken).await.unwrap(), None);
    }
}

/// STO-02
pub(crate) async fn a_record_is_taken_once(open: impl AsyncFn(Caps) -> Opened<dyn Store>) {
    let store = open(Caps::default()).await;
    for round in 0..10 {
        let key = key(Kind::Link, &format!("round {round}"));
        store.insert(&key, b"prize", MINUTE).await.unwrap();
        let taken = together(1_000, |_| {
            let store = Arc::clone(&store);
            async move { store.take(&key).await.unwrap() }
        })
        .await;
        assert_eq!(taken.iter().flatten().count(), 1, "round {round}");
    }
}

/// CAP-01, STO-02: a used mark.
pub(crate) async fn a_key_is_inserted_once(open: impl AsyncFn(Caps) -> Opened<dyn Store>) {
    let store = open(Caps::default()).await;
    for round in 0..20 {
        let key = key(Kind::Mark, &format!("round {round}"));
        let inserted = together(1_000, |_| {
            let store = Arc::clone(&store);
            async move { store.insert(&key, b"", MINUTE).await }
        })
        .await;
        let (first, refused): (Vec<_>, Vec<_>) = inserted.into_iter().partition(|r| r.is_ok());
        assert_eq!(first.len(), 1, "round {round}");
        assert!(
            refused
                .iter()
                .all(|refused| matches!(refused, Err(Error::Conflict)))
        );
    }
}

pub(crate) async fn a_counter_counts_every_increment(
    open: impl AsyncFn(Caps) -> Opened<dyn Store>,
) {
    let store = open(Caps::default()).await;
    let key = key(Kind::Counter, "attempts");
    let mut sums = together(1_000, |_| {
        let store = Arc::clone(&store);
        async move { store.increment(&key, MINUTE).await.unwrap() }
    })
    .await;
    sums.sort_unstable();
    assert_eq!(sums, (1..=1_000).collect::<Vec<_>>());
}

pub(crate) async fn a_counter_starts_again_when_it_has_expired(
    open: impl AsyncFn(Caps) -> Opened<dyn Store>,
) {
    let store = open(Caps::default()).await;
    let key = key(Kind::Counter, "attempts");
    assert_eq!(store.increment(&key, UNHURRIED).await.unwrap(), 1);
    // The second call asks for a longer life and does not get it.
    store.increment(&key, MINUTE).await.unwrap();
    tokio::time::sleep(PAST_UNHURRIED).await;
    assert_eq!(store.increment(&key, MINUTE).await.unwrap(), 1);
}

pub(crate) async fn a_counter_is_read_as_digits_and_nothing_else_counts(
    open: impl AsyncFn(Caps) -> Opened<dyn Store>,
) {
    let store = open(Caps::default()).await;
    let counter = key(Kind::Counter, "attempts");
    for _ in 0..12 {
        store.increment(&counter, MINUTE).await.unwrap();
    }
    assert_eq!(store.get(&counter).await.unwrap().unwrap(), b"12");
    for other in ["", "12x", "twelve"] {
        let key = key(Kind::Counter, other);
        store.insert(&key, other.as_bytes(), MINUTE).await.unwrap();
        assert!(matches!(
            store.increment(&key, MINUTE).await,
            Err(Error::NotACounter)
        ));
        assert_eq!(store.get(&key).await.unwrap().unwrap(), other.as_bytes());
    }
}

pub(crate) async fn only_a_live_record_is_updated(open: impl AsyncFn(Caps) -> Opened<dyn Store>) {
    let store = open(Caps::default()).await;
    let key = key(Kind::Session, "a");
    assert!(!store.update(&key, b"none yet", MINUTE).await.unwrap());
    assert_eq!(store.get(&key).await.unwrap(), None);
    store.insert(&key, b"one", UNHURRIED).await.unwrap();
    assert!(store.update(&key, b"two", MINUTE).await.unwrap());
    tokio::time::sleep(PAST_UNHURRIED).await;
    assert_eq!(
        store.get(&key).await.unwrap().unwrap(),
        b"two",
        "the TTL starts again"
    );
}

pub(crate) async fn kinds_do_not_collide(open: impl AsyncFn(Caps) -> Opened<dyn Store>) {
    let store = open(Caps::default()).await;
    for kind in Kind::ALL {
        store
            .insert(&key(kind, "a"), &[kind.code()], MINUTE)
            .await
            .unwrap();
    }
    store.take(&key(Kind::Link, "a")).await.unwrap();
    for kind in Kind::ALL {
        let found = store.get(&key(kind, "a")).await.unwrap();
        let left = (kind != Kind::Link).then(|| vec![kind.code()]);
        assert_eq!(found, left);
    }
}

pub(crate) async fn a_full_kind_refuses_and_loses_nothing(
    open: impl AsyncFn(Caps) -> Opened<dyn Store>,
) {
    let store = open(small()).await;
    for kind in Kind::ALL {
        let name = |i: usize| key(kind, &i.to_string());
        let inserted = together(50, |i| {
            let (store, key) = (Arc::clone(&store), name(i));
            async move { (key, store.insert(&key, b"live", MINUTE).await) }
        })
        .await;
        let (kept, refused): (Vec<_>, Vec<_>) = inserted.into_iter().partition(|(_, r)| r.is_ok());
        assert_eq!(kept.len(), 5);
        assert!(refused.iter().all(|(_, r)| matches!(r, Err(Error::Full))));
        for (key, _) in &kept {
            assert_eq!(store.get(key).await.unwrap().unwrap(), b"live");
            assert!(matches!(
                store.insert(key, b"again", MINUTE).await,
                Err(Error::Conflict)
            ));
            assert!(store.update(key, b"live", MINUTE).await.unwrap());
        }
        let new = key(kind, "new");
        assert!(matches!(
            store.increment(&new, MINUTE).await,
            Err(Error::Full)
        ));
        store.take(&kept[0].0).await.unwrap().unwrap();
        store.insert(&new, b"room again", MINUTE).await.unwrap();
    }
}

pub(crate) async fn a_full_kind_makes_room_of_what_has_expired(
    open: impl AsyncFn(Caps) -> Opened<dyn Store>,
) {
    let store = open(small()).await;
    for kind in Kind::ALL {
        store
            .insert(&key(kind, "lives"), b"", MINUTE)
            .await
            .unwrap();
        for i in 0..4 {
            store
                .insert(&key(kind, &i.to_string()), b"", SHORT)
                .await
                .unwrap();
        }
        tokio::time::sleep(PAST_SHORT).await;
        for i in 4..8 {
            store
                .insert(&key(kind, &i.to_string()), b"", MINUTE)
                .await
                .unwrap();
        }
        assert!(matches!(
            store.insert(&key(kind, "8"), b"", MINUTE).await,
            Err(Error::Full)
        ));
        assert!(store.get(&key(kind, "lives")).await.unwrap().is_some());
    }
}

/// STO-10
pub(crate) async fn a_sweep_counts_what_it_deletes(open: impl AsyncFn(Caps) -> Opened<dyn Store>) {
    let store = open(Caps::default()).await;
    for kind in Kind::ALL {
        for i in 0..30 {
            store
                .insert(&key(kind, &i.to_string()), b"", SHORT)
                .await
                .unwrap();
        }
        store
            .insert(&key(kind, "lives"), b"", MINUTE)
            .await
            .unwrap();
    }
    assert!(
        store
            .increment(&key(Kind::Counter, "lives too"), MINUTE)
            .await
            .is_ok()
    );
    tokio::time::sleep(PAST_SHORT).await;
    assert_eq!(store.sweep().await.unwrap(), 150);
    assert_eq!(store.sweep().await.unwrap(), 0);
    for kind in Kind::ALL {
        assert!(store.get(&key(kind, "lives")).await.unwrap().is_some());
    }
}

pub(crate) async fn bytes_come_back_as_they_were(open: impl AsyncFn(Caps) -> Opened<dyn Store>) {
    let store = open(Caps::default()).await;
    let all: Vec<u8> = (0..=255).collect();
    for bytes in [&b""[..], b"\0", &all, &[7; 100_000]] {
        let key = Key::new(Kind::Session, bytes);
        store.insert(&key, bytes, Duration::MAX).await.unwrap();
        assert_eq!(store.get(&key).await.unwrap().unwrap(), bytes);
        assert_eq!(store.take(&key).await.unwrap().unwrap(), bytes);
    }
}

pub(crate) async fn the_fence_stands_still_while_the_store_is_open(
    open: impl AsyncFn(Caps) -> Opened<dyn Store>,
) {
    let before = millis_now();
    let store = open(Caps::default()).await;
    let after = millis_now();
    let mut fences = Vec::new();
    for i in 0..5 {
        let mark = key(Kind::Mark, &i.to_string());
        fences.push(store.insert(&mark, b"", MINUTE).await.unwrap());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert!(fences.iter().all(|fence| *fence == fences[0]));
    assert!((before..=after).contains(&fences[0].as_millis()));
}

pub(crate) async fn a_closed_store_can_be_closed_again(
    open: impl AsyncFn(Caps) -> Opened<dyn Store>,
) {
    let store = open(Caps::default()).await;
    store
        .insert(&key(Kind::Session, "a"), b"", MINUTE)
        .await
        .unwrap();
    store.close().await.unwrap();
    store.close().await.unwrap();
}

fn small() -> Caps {
    Caps {
        marks: 5,
        sessions: 5,
        remember: 5,
        links: 5,
        counters: 5,
    }
}

fn millis_now() -> u64 {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::SystemTime::UNIX_EPOCH)
        .unwrap();
    since.as_millis().try_into().unwrap()
}

fn new_member(email: &str) -> NewMember {
    NewMember::new(email, "Ann", Some(PasswordHash::new("$first".into()))).unwrap()
}

async fn again(members: &dyn Members, id: MemberId) -> Member {
    members.by_id(id).await.unwrap().unwrap()
}

pub(crate) async fn a_member_is_found_by_number_and_by_any_spelling_of_the_address(
    open: impl AsyncFn() -> Opened<dyn Members>,
) {
    let members = open().await;
    let before = millis_now();
    let ann = members.add(new_member(" Ann@Example.org")).await.unwrap();
    assert_eq!(ann.email, "Ann@Example.org");
    assert_eq!(
        (ann.name.as_str(), ann.disabled, ann.epoch),
        ("Ann", false, 0)
    );
    assert_eq!(ann.password.as_ref().unwrap().phc(), "$first");
    assert!((before..=millis_now()).contains(&ann.created));
    assert_eq!(again(&**members, ann.id).await, ann);
    for spelling in ["Ann@Example.org", "ann@example.org ", "ANN@EXAMPLE.ORG"] {
        assert_eq!(members.by_email(spelling).await.unwrap(), Some(ann.clone()));
    }
    for other in ["anna@example.org", "ann", "", "a\0b@c"] {
        assert_eq!(members.by_email(other).await.unwrap(), None);
    }
    let without = NewMember::new("bob@example.org", "Bob", None).unwrap();
    let bob = members.add(without).await.unwrap();
    assert_eq!(again(&**members, bob.id).await.password, None);
}

/// AUT-14, AUT-16
pub(crate) async fn parallel_spellings_of_one_address_make_one_member(
    open: impl AsyncFn() -> Opened<dyn Members>,
) {
    let members = open().await;
    let added = together(200, |i| {
        let members = Arc::clone(&members);
        let spelling = ["ann@é.org", "ANN@e\u{301}.ORG", " Ann@É.org", "aNN@é.oRG\n"][i % 4];
        async move { members.add(new_member(spelling)).await }
    })
    .await;
    let (first, refused): (Vec<_>, Vec<_>) = added.into_iter().partition(|r| r.is_ok());
    assert_eq!(first.len(), 1);
    assert!(refused.iter().all(|r| matches!(r, Err(Error::Conflict))));
    assert_eq!(members.count().await.unwrap(), 1);
}

pub(crate) async fn the_first_member_is_added_once(open: impl AsyncFn() -> Opened<dyn Members>) {
    let members = open().await;
    let added = together(100, |i| {
        let members = Arc::clone(&members);
        async move {
            members
                .add_first(new_member(&format!("{i}@example.org")))
                .await
        }
    })
    .await;
    let (first, refused): (Vec<_>, Vec<_>) = added.into_iter().partition(|r| r.is_ok());
    assert_eq!(first.len(), 1);
    assert!(refused.iter().all(|r| matches!(r, Err(Error::Conflict))));
    assert_eq!(
        members.list().await.unwrap(),
        [first.into_iter().next().unwrap().unwrap()]
    );
}

pub(crate) async fn a_new_password_and_disabling_raise_the_epoch(
    open: impl AsyncFn() -> Opened<dyn Members>,
) {
    let members = open().await;
    let id = members.add(new_member("ann@example.org")).await.unwrap().id;
    let second = PasswordHash::new("$second".into());
    assert!(members.set_password(id, second.clone()).await.unwrap());
    let ann = again(&**members, id).await;
    assert_eq!((ann.epoch, ann.password), (1, Some(second)));
    assert!(members.set_disabled(id, true).await.unwrap());
    let ann = again(&**members, id).await;
    assert_eq!((ann.epoch, ann.disabled), (2, true));
    assert!(members.set_disabled(id, false).await.unwrap());
    let ann = again(&**members, id).await;
    assert_eq!((ann.epoch, ann.disabled), (2, false));
}

/// AUT-05
pub(crate) async fn another_hash_of_the_same_password_leaves_the_epoch_and_needs_the_old_one(
    open: impl AsyncFn() -> Opened<dyn Members>,
) {
    let members = open().await;
    let id = members.add(new_member("ann@example.org")).await.unwrap().id;
    let hash = |text: &str| PasswordHash::new(text.into());
    let first = hash("$first");
    assert!(members.rehash(id, &first, hash("$again")).await.unwrap());
    assert!(!members.rehash(id, &first, hash("$late")).await.unwrap());
    let ann = again(&**members, id).await;
    assert_eq!((ann.epoch, ann.password), (0, Some(hash("$again"))));
    let invited = NewMember::new("bob@example.org", "Bob", None).unwrap();
    let bob = members.add(invited).await.unwrap().id;
    assert!(!members.rehash(bob, &first, hash("$new")).await.unwrap());
    assert_eq!(again(&**members, bob).await.password, None);
}

/// SES-12
pub(crate) async fn an_epoch_can_be_raised_alone(open: impl AsyncFn() -> Opened<dyn Members>) {
    let members = open().await;
    let ann = members.add(new_member("ann@example.org")).await.unwrap();
    assert!(members.raise_epoch(ann.id).await.unwrap());
    let expected = Member { epoch: 1, ..ann };
    assert_eq!(again(&**members, expected.id).await, expected);
}

pub(crate) async fn a_removed_members_number_is_not_given_again(
    open: impl AsyncFn() -> Opened<dyn Members>,
) {
    let members = open().await;
    let ann = members.add(new_member("ann@example.org")).await.unwrap();
    assert!(members.remove(ann.id).await.unwrap());
    assert_eq!(members.by_id(ann.id).await.unwrap(), None);
    assert_eq!(members.by_email("ann@example.org").await.unwrap(), None);
    assert_eq!(members.count().await.unwrap(), 0);
    let again = members
        .add_first(new_member("ann@example.org"))
        .await
        .unwrap();
    assert!(again.id > ann.id);
}

pub(crate) async fn members_are_listed_oldest_first(open: impl AsyncFn() -> Opened<dyn Members>) {
    let members = open().await;
    let emails = ["zoe@example.org", "ann@example.org", "mia@example.org"];
    for email in emails {
        members.add(new_member(email)).await.unwrap();
    }
    let listed: Vec<_> = members
        .list()
        .await
        .unwrap()
        .into_iter()
        .map(|m| m.email)
        .collect();
    assert_eq!(listed, emails);
}

pub(crate) async fn changes_to_nobody_change_nothing(open: impl AsyncFn() -> Opened<dyn Members>) {
    let members = open().await;
    let gone = members.add(new_member("ann@example.org")).await.unwrap().id;
    members.remove(gone).await.unwrap();
    assert!(
        !members
            .set_password(gone, PasswordHash::new("$".into()))
            .await
            .unwrap()
    );
    assert!(!members.set_disabled(gone, true).await.unwrap());
    assert!(!members.raise_epoch(gone).await.unwrap());
    assert!(!members.remove(gone).await.unwrap());
}

fn new_site(name: &str, key: &str) -> NewSite {
    let list = |texts: &[&str]| {
        texts
            .iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
    };
    NewSite::new(
        name,
        key,
        SecretDigest::of("first"),
        &list(&["shop.example.org", "[::1]"]),
        &list(&["ink", "member"]),
        &[],
    )
    .unwrap()
}

async fn names(sites: &dyn Sites) -> Vec<String> {
    let sites = sites.list().await.unwrap();
    sites.into_iter().map(|site| site.name).collect()
}

pub(crate) async fn sites_are_listed_as_they_were_added_oldest_first(
    open: impl AsyncFn() -> Opened<dyn Sites>,
) {
    let sites = open().await;
    assert_eq!(sites.list().await.unwrap(), []);
    let before = millis_now();
    let shop = sites.add(new_site("shop", "key-1")).await.unwrap();
    let blog = sites.add(new_site("blog", "key-2")).await.unwrap();
    assert!((before..=millis_now()).contains(&shop.created));
    let expected = Site {
        name: "shop".into(),
        key: "key-1".into(),
        secret: SecretDigest::of("first"),
        retired: None,
        hosts: vec!["shop.example.org".into(), "[::1]".into()],
        presets: vec!["ink".into(), "member".into()],
        actions: Vec::new(),
        created: shop.created,
    };
    assert_eq!(shop, expected);
    assert_eq!(sites.list().await.unwrap(), [shop, blog]);
}

pub(crate) async fn a_name_and_a_key_are_of_one_site(open: impl AsyncFn() -> Opened<dyn Sites>) {
    let sites = open().await;
    let added = together(50, |i| {
        let sites = Arc::clone(&sites);
        let new = [
            new_site("shop", &format!("key-{i}")),
            new_site(&format!("site-{i}"), "key"),
        ];
        async move { sites.add(new[i % 2].clone()).await }
    })
    .await;
    let (first, refused): (Vec<_>, Vec<_>) = added.into_iter().partition(|r| r.is_ok());
    assert_eq!(first.len(), 2);
    assert!(refused.iter().all(|r| matches!(r, Err(Error::Conflict))));
    assert_eq!(sites.list().await.unwrap().len(), 2);
}

/// KEY-05
pub(crate) async fn a_retired_secret_is_kept_for_its_grace_and_only_the_last(
    open: impl AsyncFn() -> Opened<dyn Sites>,
) {
    let sites = open().await;
    sites.add(new_site("shop", "key")).await.unwrap();
    let rotate = async |secret: &str, grace| {
        let secret = SecretDigest::of(secret);
        assert!(sites.rotate("shop", secret, grace).await.unwrap());
        sites.list().await.unwrap().remove(0)
    };
    let before = millis_now();
    let shop = rotate("second", MINUTE).await;
    let Some(Retired { secret, until }) = shop.retired else {
        panic!("nothing retired")
    };
    assert_eq!(secret, SecretDigest::of("first"));
    assert!((before + 60_000..=millis_now() + 60_000).contains(&until));
    let shop = rotate("third", Duration::ZERO).await;
    assert_eq!(shop.secret, SecretDigest::of("third"));
    let retired = shop.retired.unwrap();
    assert_eq!(retired.secret, SecretDigest::of("second"));
    assert!(retired.until <= millis_now());
    let nobody = sites.rotate("blog", SecretDigest::of(""), MINUTE).await;
    assert!(!nobody.unwrap());
}

pub(crate) async fn a_removed_site_is_gone_and_its_name_is_free(
    open: impl AsyncFn() -> Opened<dyn Sites>,
) {
    let sites = open().await;
    sites.add(new_site("shop", "key-1")).await.unwrap();
    sites.add(new_site("blog", "key-2")).await.unwrap();
    assert!(sites.remove("shop").await.unwrap());
    assert!(!sites.remove("shop").await.unwrap());
    assert_eq!(names(&**sites).await, ["blog"]);
    sites.add(new_site("shop", "key-1")).await.unwrap();
    assert_eq!(names(&**sites).await, ["blog", "shop"]);
}
