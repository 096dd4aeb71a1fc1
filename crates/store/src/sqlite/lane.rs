use std::{sync::Arc, thread, time::Duration};

use rusqlite::Connection;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::file::Said;
use crate::{Error, Fence, Result, clock::Clock};

/// A thread with a connection that does one piece of work after the other, in groups.
///
/// Work that queues up while a group is committed makes up the next group: one transaction, one commit. Nobody is
/// answered before the commit. The connection closes when the last lane to it is dropped.
#[derive(Clone)]
pub(super) struct Lane {
    tasks: mpsc::Sender<Task>,
}

/// What a piece of work is given: the transaction it is part of.
pub(super) struct Turn<'a> {
    pub(super) connection: &'a Connection,
    pub(super) fence: Fence,
    /// Milliseconds since the Unix epoch, read when the transaction had begun.
    pub(super) now: u64,
}

enum Task {
    Grouped(Box<dyn Work>),
    Alone(Box<dyn FnOnce(&Connection) + Send>),
}

/// A whole queue waits a few group commits long; whoever finds it full waits for a place.
const QUEUE: usize = 4_096;

/// The most work in one commit.
const GROUP: usize = 256;

/// How long a caller waits for an answer: a little longer than a statement waits for another process, so that the
/// first to wait hears why, and whoever queues behind it waits no second time.
const DEADLINE: Duration = Duration::from_millis(2_500);

/// How long a caller waits for work between two transactions, which may have to wait for a slow disk.
const DEADLINE_ALONE: Duration = Duration::from_secs(10);

impl Lane {
    /// Starts a thread whose transactions begin by `begin`.
    pub(super) fn start(
        name: &str,
        connection: Connection,
        clock: Arc<Clock>,
        begin: impl Fn(&Connection) -> rusqlite::Result<Fence> + Send + 'static,
    ) -> Result<Self> {
        let (tasks, queue) = mpsc::channel(QUEUE);
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                serve(
                    queue,
                    &Desk {
                        connection,
                        clock,
                        begin,
                    },
                );
            })
            .map_err(Error::unavailable)?;
        Ok(Self { tasks })
    }

    /// Does `work` in a transaction that it shares with others, and answers when that is committed.
    ///
    /// Work that fails with anything but [`Error::Unavailable`] has changed nothing. It may be run twice, the first
    /// time rolled back.
    pub(super) async fn run<R: Send + 'static>(
        &self,
        work: impl Fn(&Turn<'_>) -> Result<R> + Send + 'static,
    ) -> Result<R> {
        let (reply, answer) = oneshot::channel();
        let asked = Asked {
            work,
            result: None,
            reply,
        };
        let task = Task::Grouped(Box::new(asked));
        self.ask(task, answer, DEADLINE).await
    }

    /// Does `work` between two transactions.
    pub(super) async fn alone(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<()> + Send + 'static,
    ) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        let task = Task::Alone(Box::new(move |connection| {
            // Nobody may be waiting any more.
            let _ = reply.send(work(connection).map_err(Error::from));
        }));
        self.ask(task, answer, DEADLINE_ALONE).await
    }

    async fn ask<R>(
        &self,
        task: Task,
        answer: oneshot::Receiver<Result<R>>,
        deadline: Duration,
    ) -> Result<R> {
        let asked = async {
            self.tasks.send(task).await.map_err(|_| ended())?;
            answer.await.map_err(|_| ended())?
        };
        timeout(deadline, asked).await.map_err(Error::unavailable)?
    }
}

fn ended() -> Error {
    Error::unavailable("the database thread has ended")
}

struct Desk<B> {
    connection: Connection,
    clock: Arc<Clock>,
    begin: B,
}

fn serve<B>(mut queue: mpsc::Receiver<Task>, desk: &Desk<B>)
where
    B: Fn(&Connection) -> rusqlite::Result<Fence>,
{
    while let Some(first) = queue.blocking_recv() {
        let mut next = Some(first);
        let mut group = Vec::new();
        while let Some(Task::Grouped(work)) = next.take_if(|task| matches!(task, Task::Grouped(_)))
        {
            group.push(work);
            if group.len() < GROUP {
                next = queue.try_recv().ok();
            }
        }
        desk.settle(group);
        if let Some(Task::Alone(work)) = next {
            work(&desk.connection);
        }
    }
}

impl<B> Desk<B>
where
    B: Fn(&Connection) -> rusqlite::Result<Fence>,
{
    /// Does a group of work in one transaction and answers. When one piece fails, each is done again in a
    /// transaction of its own, so that it fails alone.
    fn settle(&self, mut group: Vec<Box<dyn Work>>) {
        if group.is_empty() {
            return;
        }
        let done = self.begin_all(&mut group);
        if done.is_err() {
            // Fails where SQLite has rolled back by itself already.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        match done {
            Err(Failure::Work) if group.len() > 1 => {
                for work in group {
                    self.settle(vec![work]);
                }
            }
            Ok(()) | Err(Failure::Work) => group.into_iter().for_each(|work| work.answer(None)),
            Err(Failure::Transaction(error)) => {
                let error = Arc::new(Said(error));
                for work in group {
                    work.answer(Some(Arc::clone(&error)));
                }
            }
        }
    }

    fn begin_all(&self, group: &mut [Box<dyn Work>]) -> std::result::Result<(), Failure> {
        let fence = (self.begin)(&self.connection).map_err(Failure::Transaction)?;
        let turn = Turn {
            connection: &self.connection,
            fence,
            now: self.clock.now(),
        };
        if !group.iter_mut().all(|work| work.run(&turn)) {
            return Err(Failure::Work);
        }
        self.connection
            .execute_batch("COMMIT")
            .map_err(Failure::Transaction)
    }
}

enum Failure {
    /// A piece of work failed, and holds its error.
    Work,
    /// The transaction could not begin or commit.
    Transaction(rusqlite::Error),
}

/// A piece of work of any type.
trait Work: Send {
    /// `false` if the transaction must be rolled back.
    fn run(&mut self, turn: &Turn<'_>) -> bool;

    /// Answers whoever asked: with the result, or with what the transaction failed of.
    fn answer(self: Box<Self>, failed: Option<Arc<Said>>);
}

struct Asked<W, R> {
    work: W,
    result: Option<Result<R>>,
    reply: oneshot::Sender<Result<R>>,
}

impl<W, R> Work for Asked<W, R>
where
    W: Fn(&Turn<'_>) -> Result<R> + Send,
    R: Send,
{
    fn run(&mut self, turn: &Turn<'_>) -> bool {
        let result = self.result.insert((self.work)(turn));
        !matches!(result, Err(Error::Unavailable(_)))
    }

    fn answer(self: Box<Self>, failed: Option<Arc<Said>>) {
        let result = match failed {
            Some(error) => Err(Error::unavailable(error)),
            None => self.result.expect("work is run before it is answered"),
        };
        // Nobody may be waiting any more.
        let _ = self.reply.send(result);
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::unavailable(Said(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane() -> Lane {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE notes (note INTEGER PRIMARY KEY)")
            .unwrap();
        Lane::start("test", connection, Arc::default(), |connection| {
            connection.execute_batch("BEGIN").map(|()| Fence::since(0))
        })
        .unwrap()
    }

    async fn add(lane: &Lane, note: i64) -> Result<()> {
        lane.run(move |turn| {
            turn.connection
                .execute("INSERT INTO notes VALUES (?1)", [note])?;
            Ok(())
        })
        .await
    }

    async fn count(lane: &Lane) -> i64 {
        lane.run(|turn| {
            Ok(turn
                .connection
                .query_row("SELECT count(*) FROM notes", (), |row| row.get(0))?)
        })
        .await
        .unwrap()
    }

    /// Keeps the thread busy until something is sent, so that what is asked meanwhile makes one group.
    async fn hold(lane: &Lane) -> std::sync::mpsc::Sender<()> {
        let (go, wait) = std::sync::mpsc::channel();
        let (started, busy) = oneshot::channel();
        let work = move |_: &Connection| {
            started.send(()).unwrap();
            wait.recv().unwrap();
            Ok(())
        };
        let lane = lane.clone();
        tokio::spawn(async move { lane.alone(work).await });
        busy.await.unwrap();
        go
    }

    const A_MOMENT: Duration = Duration::from_millis(20);

    #[tokio::test(flavor = "multi_thread")]
    async fn work_that_fails_fails_alone() {
        let lane = lane();
        let go = hold(&lane).await;
        let notes: Vec<_> = (0..20)
            .map(|i| {
                let lane = lane.clone();
                // Every other note is the same.
                tokio::spawn(async move { add(&lane, if i % 2 == 0 { 1_000 } else { i }).await })
            })
            .collect();
        tokio::time::sleep(A_MOMENT).await;
        go.send(()).unwrap();
        let mut added = 0;
        for note in notes {
            match note.await.unwrap() {
                Ok(()) => added += 1,
                Err(error) => assert!(matches!(error, Error::Unavailable(_))),
            }
        }
        assert_eq!(added, 11);
        assert_eq!(count(&lane).await, 11);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn work_is_done_though_nobody_waits_for_it() {
        let lane = lane();
        let go = hold(&lane).await;
        assert!(timeout(A_MOMENT, add(&lane, 1)).await.is_err());
        go.send(()).unwrap();
        assert_eq!(count(&lane).await, 1);
    }

    #[tokio::test]
    async fn a_transaction_that_cannot_begin_is_told_and_the_next_one_may() {
        let connection = Connection::open_in_memory().unwrap();
        let tries = std::sync::atomic::AtomicUsize::new(0);
        let lane = Lane::start("test", connection, Arc::default(), move |connection| {
            let first = tries.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
            let begin = if first { "NO SUCH WORD" } else { "BEGIN" };
            connection.execute_batch(begin).map(|()| Fence::since(7))
        })
        .unwrap();
        let fence = |turn: &Turn<'_>| Ok(turn.fence);
        assert!(matches!(lane.run(fence).await, Err(Error::Unavailable(_))));
        assert_eq!(lane.run(fence).await.unwrap(), Fence::since(7));
    }
}
