use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// Standard error, written by a thread of its own: a reader that stops reading holds up nobody (LOG-04).
///
/// What is written waits for that thread, up to [`ROOM`]; lines beyond it are lost, and counted.
#[derive(Clone)]
pub(crate) struct Log(Arc<Desk>);

#[derive(Default)]
struct Desk {
    tray: Mutex<Tray>,
    changed: Condvar,
}

#[derive(Default)]
struct Tray {
    text: Vec<u8>,
    lost: u64,
    is_writing: bool,
}

/// Bytes that may wait: some thousand lines.
const ROOM: usize = 1 << 20;

/// How long a reader has for the rest when the process ends.
const FAREWELL: Duration = Duration::from_secs(1);

impl Log {
    /// A log that is written to `out`.
    pub(crate) fn to(out: impl Write + Send + 'static) -> Self {
        let log = Self(Arc::default());
        let desk = Arc::clone(&log.0);
        thread::spawn(move || desk.serve(out));
        log
    }

    /// Says one line that is never lost for want of room.
    pub(crate) fn say(&self, text: &str) {
        let line = text.replace(['\n', '\r'], " ");
        let mut tray = self.0.lock();
        tray.text.extend(format!("inkgate: {line}\n").into_bytes());
        self.0.changed.notify_all();
    }

    /// Waits until everything is written, or for as long as a reader may take.
    pub(crate) fn finish(&self) {
        let is_busy = |tray: &mut Tray| tray.is_writing || !tray.text.is_empty();
        // Whoever panicked while writing left nothing half done.
        let _ = self
            .0
            .changed
            .wait_timeout_while(self.0.lock(), FAREWELL, is_busy);
    }
}

impl Write for Log {
    /// Takes a whole line, or loses it.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut tray = self.0.lock();
        if tray.text.len() + line.len() <= ROOM {
            tray.text.extend_from_slice(line);
            self.0.changed.notify_all();
        } else {
            tray.lost += 1;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Desk {
    fn serve(&self, mut out: impl Write) {
        loop {
            let text = self.next();
            // There is nowhere to tell that it is closed.
            let _ = out.write_all(&text).and_then(|()| out.flush());
            self.lock().is_writing = false;
            self.changed.notify_all();
        }
    }

    /// Waits for something to write.
    fn next(&self) -> Vec<u8> {
        let mut tray = self
            .changed
            .wait_while(self.lock(), |tray| tray.text.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        tray.is_writing = true;
        let mut text = mem::take(&mut tray.text);
        let lost = mem::take(&mut tray.lost);
        if lost > 0 {
            let line = format!("inkgate: {lost} lines of the log were lost: nobody read them\n");
            text.extend(line.into_bytes());
        }
        text
    }

    fn lock(&self) -> MutexGuard<'_, Tray> {
        self.tray.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// Takes nothing until it is told to, then everything.
    struct Slow {
        go: Receiver<()>,
        written: Sender<Vec<u8>>,
    }

    impl Write for Slow {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.go.recv().map_err(io::Error::other)?;
            self.written.send(text.to_vec()).map_err(io::Error::other)?;
            Ok(text.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// LOG-04
    #[test]
    fn a_reader_that_stops_reading_holds_up_nobody_and_hears_how_much_it_missed() {
        let (go, wait) = channel();
        let (written, read) = channel();
        let mut log = Log::to(Slow { go: wait, written });
        log.write_all(b"first\n").unwrap();
        while !log.0.lock().is_writing {
            thread::yield_now();
        }
        let line = [b'x'; 1_024];
        for _ in 0..2_000 {
            log.write_all(&line).unwrap();
        }
        log.say("the\nlast");
        go.send(()).unwrap();
        go.send(()).unwrap();
        log.finish();
        assert_eq!(read.recv().unwrap(), b"first\n");
        let rest = read.recv().unwrap();
        assert_eq!(rest.iter().filter(|byte| **byte == b'x').count(), ROOM);
        let end = "inkgate: the last\ninkgate: 976 lines of the log were lost: nobody read them\n";
        assert_eq!(&rest[ROOM..], end.as_bytes());
    }

    #[test]
    fn the_end_waits_for_a_reader_but_not_for_long() {
        let (_go, wait) = channel();
        let (written, _read) = channel();
        let log = Log::to(Slow { go: wait, written });
        log.say("nobody reads this");
        let begun = std::time::Instant::now();
        log.finish();
        assert!((FAREWELL..2 * FAREWELL).contains(&begun.elapsed()));
    }
}
