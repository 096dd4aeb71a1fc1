//! Several processes share one folder.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]
#![allow(clippy::print_stdout, reason = "how a child tells its parent")]

use std::{
    env,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use inkgate_store::{Error, Key, Kind, Members, NewMember, SqliteStore, Store};
use tokio::{sync::Barrier, task::JoinSet};

const MINUTE: Duration = Duration::from_secs(60);
const PROCESSES: usize = 4;
const TASKS: usize = 250;
const ROUNDS: usize = 5;

/// The variable that makes a test a child: the folder it works on.
const FOLDER: &str = "INKGATE_TEST_FOLDER";

/// CAP-02: four processes insert one mark 250 times each, at the same moment.
#[test]
fn a_mark_is_used_once_by_all_processes_together() {
    match env::var_os(FOLDER) {
        Some(folder) => insert_marks(Path::new(&folder)),
        None => {
            let folder = tempfile::tempdir().unwrap();
            let said = run_all(
                "a_mark_is_used_once_by_all_processes_together",
                folder.path(),
            );
            for round in 0..ROUNDS {
                let firsts = said.matches(&format!("first {round}\n")).count();
                assert_eq!(firsts, 1, "round {round}: {said}");
            }
        }
    }
}

/// AUT-16: four processes add one member.
#[test]
fn a_member_is_added_once_by_all_processes_together() {
    match env::var_os(FOLDER) {
        Some(folder) => add_members(Path::new(&folder)),
        None => {
            let folder = tempfile::tempdir().unwrap();
            let said = run_all(
                "a_member_is_added_once_by_all_processes_together",
                folder.path(),
            );
            assert_eq!(said.matches("first 0\n").count(), 1, "{said}");
        }
    }
}

#[tokio::main]
async fn insert_marks(folder: &Path) {
    let store = Arc::new(SqliteStore::open(folder).unwrap());
    for round in 0..ROUNDS {
        meet(folder, round);
        let store = Arc::clone(&store);
        together(round, move |_| {
            let store = Arc::clone(&store);
            let mark = Key::new(Kind::Mark, format!("round {round}").as_bytes());
            async move { store.insert(&mark, b"", MINUTE).await.map(drop) }
        })
        .await;
    }
}

#[tokio::main]
async fn add_members(folder: &Path) {
    let members = Arc::new(SqliteStore::open_beside(folder).unwrap().members());
    meet(folder, 0);
    together(0, move |i| {
        let members = Arc::clone(&members);
        let spelling = ["ann@example.org", "Ann@Example.org"][i % 2];
        let new = NewMember::new(spelling, "Ann", None).unwrap();
        async move { members.add(new).await.map(drop) }
    })
    .await;
}

/// Runs a task many times at once and says which succeeded; the others must have met a conflict.
async fn together<F>(round: usize, task: impl Fn(usize) -> F)
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(TASKS));
    let mut tasks = JoinSet::new();
    for i in 0..TASKS {
        let (barrier, task) = (Arc::clone(&barrier), task(i));
        tasks.spawn(async move {
            barrier.wait().await;
            task.await
        });
    }
    for result in tasks.join_all().await {
        match result {
            Ok(()) => println!("first {round}"),
            Err(Error::Conflict) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// Waits until every process has come to this round.
fn meet(folder: &Path, round: usize) {
    let here = |process: u32| folder.join(format!("round-{round}-{process}"));
    std::fs::write(here(std::process::id()), "").unwrap();
    let prefix = format!("round-{round}-");
    let present = || {
        std::fs::read_dir(folder)
            .unwrap()
            .filter(|file| {
                let name = file.as_ref().unwrap().file_name();
                name.to_string_lossy().starts_with(&prefix)
            })
            .count()
    };
    while present() < PROCESSES {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Runs this test in several processes and returns what they printed.
fn run_all(test: &str, folder: &Path) -> String {
    let children: Vec<Child> = (0..PROCESSES)
        .map(|_| {
            Command::new(env::current_exe().unwrap())
                .args(["--exact", test, "--nocapture"])
                .env(FOLDER, folder)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let mut said = String::new();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        said += &String::from_utf8(output.stdout).unwrap();
    }
    said
}
