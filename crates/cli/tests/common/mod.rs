//! Runs the real binary in a folder of its own.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
};

use tempfile::TempDir;

/// A folder in which commands run, away from any configuration of whoever runs the tests.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_inkgate"));
        for (name, _) in std::env::vars() {
            if name.starts_with("INKGATE_") {
                command.env_remove(name);
            }
        }
        command
            .args(line.split_whitespace())
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, line: &str) -> Outcome {
        Outcome::of(self.command(line).output().unwrap())
    }

    /// Runs a command that reads `input`.
    pub(crate) fn run_with(&self, line: &str, input: &str) -> Outcome {
        let mut command = self.command(line);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // The command may have ended without reading it.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Outcome::of(child.wait_with_output().unwrap())
    }
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) bytes: Vec<u8>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Outcome {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8(output.stderr).unwrap(),
            bytes: output.stdout,
        }
    }

    /// It did what it was asked, without a word on standard error.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{self:?}");
        self
    }

    /// It failed with one line, which says all of `words`, and exit code 1.
    #[track_caller]
    pub(crate) fn failed_saying(self, words: &[&str]) -> Self {
        assert_eq!(self.code, 1, "{self:?}");
        assert_eq!(self.err.matches('\n').count(), 1, "{self:?}");
        assert!(self.err.starts_with("inkgate: "), "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "{word:?} is missing in {self:?}");
        }
        self
    }

    /// Its arguments were wrong, which the first line says with all of `words`, and exit code 2.
    #[track_caller]
    pub(crate) fn refused_saying(self, words: &[&str]) -> Self {
        assert_eq!(self.code, 2, "{self:?}");
        assert_eq!(self.out, "", "{self:?}");
        let line = self.err.lines().next().unwrap();
        for word in words {
            assert!(line.contains(word), "{word:?} is missing in {self:?}");
        }
        self
    }

    pub(crate) fn lines(&self) -> Vec<&str> {
        self.out.lines().collect()
    }

    /// The fields of each line.
    pub(crate) fn table(&self) -> Vec<Vec<&str>> {
        self.out
            .lines()
            .map(|line| line.split('\t').collect())
            .collect()
    }

    /// The value of a `key<TAB>value` line.
    #[track_caller]
    pub(crate) fn value(&self, key: &str) -> &str {
        self.out
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('\t'))
            .unwrap_or_else(|| panic!("no {key} in {self:?}"))
    }
}

/// The whole answer to a GET.
pub(crate) fn get(address: &str, path: &str) -> String {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// A running `inkgate serve`, killed when dropped.
pub(crate) struct Server {
    child: Child,
    out: ChildStdout,
    pub(crate) address: String,
}

impl Server {
    /// Starts on a free port and waits until it listens.
    pub(crate) fn start(place: &Place, line: &str) -> Self {
        let mut command = place.command(&format!("serve --listen 127.0.0.1:0 {line}"));
        command.stderr(Stdio::null());
        Self::of(command)
    }

    /// Starts by a command of its own and waits until it listens.
    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut server = Self {
            out: child.stdout.take().unwrap(),
            child,
            address: String::new(),
        };
        let line = server.line();
        server.address = line
            .strip_prefix("listening on http://")
            .unwrap_or_else(|| panic!("{line:?}"))
            .to_owned();
        server
    }

    /// The next line of standard output, without waiting for more than it.
    pub(crate) fn line(&mut self) -> String {
        let mut line = Vec::new();
        let mut byte = [0];
        while self.out.read(&mut byte).unwrap() == 1 && byte != *b"\n" {
            line.push(byte[0]);
        }
        String::from_utf8(line).unwrap()
    }

    /// Ends it, and returns what it still said.
    pub(crate) fn rest(mut self) -> String {
        self.signal("TERM");
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        rest
    }

    /// The whole answer to a GET.
    pub(crate) fn get(&self, path: &str) -> String {
        get(&self.address, path)
    }

    /// Sends a signal and returns the exit code.
    pub(crate) fn end(mut self, signal: &str) -> Option<i32> {
        self.signal(signal);
        self.child.wait().unwrap().code()
    }

    /// Whether it runs still.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
