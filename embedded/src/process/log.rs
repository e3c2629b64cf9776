//! The log file of one server: its standard output and error.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// A longer log is begun anew at the next start.
const LOG_SIZE_MAX: u64 = 10 << 20;
const LAST_WORDS_SIZE_MAX: u64 = 16 << 10;
const LAST_WORDS_LINES_MAX: usize = 15;

/// Opens the log to append to; the number is where this run begins.
pub(crate) fn open(path: &Path) -> io::Result<(File, u64)> {
    let mut options = File::options();
    let file = options.append(true).create(true).mode(0o600).open(path)?;
    if file.metadata()?.len() > LOG_SIZE_MAX {
        file.set_len(0)?;
    }
    let begin = file.metadata()?.len();
    Ok((file, begin))
}

/// The last lines of this run, or why they cannot be read.
pub(crate) fn last_words(path: &Path, begin: u64) -> String {
    match read_end(path, begin) {
        Ok(text) if text.trim().is_empty() => "(nothing)".to_owned(),
        Ok(text) => last_lines(&text),
        Err(error) => format!("({}: {error})", path.display()),
    }
}

fn read_end(path: &Path, begin: u64) -> io::Result<String> {
    let end = fs::metadata(path)?.len();
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(begin.max(end.saturating_sub(LAST_WORDS_SIZE_MAX))))?;
    let mut bytes = Vec::new();
    file.take(LAST_WORDS_SIZE_MAX).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The last lines of a text.
pub(crate) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let skipped = lines.len().saturating_sub(LAST_WORDS_LINES_MAX);
    lines.into_iter().skip(skipped).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn the_last_words_are_those_of_this_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.log");
        open(&path).unwrap().0.write_all(b"an earlier run\n").unwrap();
        let (mut file, begin) = open(&path).unwrap();
        assert_eq!(last_words(&path, begin), "(nothing)");
        for line in 0..20 {
            writeln!(file, "line {line}").unwrap();
        }
        let words = last_words(&path, begin);
        assert!(words.starts_with("line 5\n") && words.ends_with("line 19"), "{words}");
    }
}
