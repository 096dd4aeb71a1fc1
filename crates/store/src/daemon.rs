//! Databases that tests start for themselves, by `tests/daemon`.

#![allow(clippy::unwrap_used, reason = "for tests only")]

use std::io;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

/// A database that ends, and whose folder goes away, with this value or with the process.
pub(crate) struct Daemon {
    pub(crate) port: u16,
    folder: tempfile::TempDir,
    kind: &'static str,
    options: Vec<String>,
    /// Whether the folder goes away when the process ends: a value that lives as long is never dropped.
    remove: bool,
    running: Option<(Child, ChildStdin)>,
}

/// Whether Debian's package of it is installed. Where it is not, tests of it are skipped, unless this is the gate's run.
pub(crate) fn is_there(kind: &str) -> bool {
    let program = match kind {
        "postgres" => "/usr/lib/postgresql",
        _ => "/usr/bin/redis-server",
    };
    let is_there = Path::new(program).exists();
    if !is_there {
        assert!(std::env::var_os("CI").is_none(), "{program} is missing");
        eprintln!("skipped: {program} is missing");
    }
    is_there
}

impl Daemon {
    /// Starts one on a free port.
    pub(crate) fn start(kind: &'static str, options: &[&str]) -> Self {
        let mut daemon = Self {
            port: free_port(),
            folder: tempfile::Builder::new()
                .prefix("inkgate-")
                .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
                .tempdir()
                .unwrap(),
            kind,
            options: options.iter().map(|option| (*option).to_owned()).collect(),
            remove: false,
            running: None,
        };
        daemon.resume();
        daemon
    }

    /// Starts one for all tests of this process.
    pub(crate) fn start_for_all(kind: &'static str, options: &[&str]) -> Self {
        let mut daemon = Self::start(kind, options);
        daemon.end().unwrap();
        daemon.remove = true;
        daemon.resume();
        daemon
    }

    /// Starts it again after [`kill`](Self::kill), with the data that it has.
    pub(crate) fn resume(&mut self) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/daemon");
        let mut child = Command::new(script)
            .args(self.remove.then_some("--remove"))
            .arg(self.kind)
            .arg(self.path())
            .arg(self.port.to_string())
            .args(&self.options)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        self.running = Some((child, stdin));
        let patience = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < patience, "{} did not start", self.kind);
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it as a crash would.
    pub(crate) fn kill(&mut self) {
        let pid = std::fs::read_to_string(self.path().join("pid")).unwrap();
        let killed = Command::new("kill").args(["-KILL", pid.trim()]).status();
        assert!(killed.unwrap().success());
        self.end().unwrap();
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join(self.kind)
    }

    fn end(&mut self) -> io::Result<()> {
        if let Some((mut child, stdin)) = self.running.take() {
            drop(stdin);
            child.wait()?;
        }
        Ok(())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

pub(crate) fn free_port() -> u16 {
    let probe = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    probe.local_addr().unwrap().port()
}
