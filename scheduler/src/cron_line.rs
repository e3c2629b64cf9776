//! Reading a cron line. What is wrong with one is said with its place.

use cron::Schedule;

/// Longest line, in bytes.
pub const CRON_LENGTH_MAX: usize = 200;

/// The fields in their order, and what each takes.
const FIELDS: [(&str, &str); 6] = [
    ("second", "0-59"),
    ("minute", "0-59"),
    ("hour", "0-23"),
    ("day of the month", "1-31"),
    ("month", "1-12 or JAN-DEC"),
    ("day of the week", "1-7 or SUN-SAT, where 1 is SUN"),
];

/// Why a line cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CronError {
    /// It is too long to be meant.
    #[error("must be at most {CRON_LENGTH_MAX} characters")]
    TooLong,
    /// It has too few or too many fields.
    #[error("must be six fields (second minute hour day month weekday), not {0}")]
    Fields(usize),
    /// One field is wrong.
    #[error("field {place} ({name}) is {text:?}; it takes {takes}, lists, ranges, * and steps (/)")]
    Field {
        /// Which, from 1.
        place: usize,
        /// What it is for.
        name: &'static str,
        /// What stands there.
        text: String,
        /// What may stand there.
        takes: &'static str,
    },
}

/// Reads a line of six fields, seconds first. Its
/// [`source`](Schedule::source) has single blanks.
///
/// # Errors
/// The first field that is wrong, with its place.
pub fn read(line: &str) -> Result<Schedule, CronError> {
    if line.len() > CRON_LENGTH_MAX {
        return Err(CronError::TooLong);
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    if words.len() != FIELDS.len() {
        return Err(CronError::Fields(words.len()));
    }
    for (i, (word, (name, takes))) in words.iter().zip(FIELDS).enumerate() {
        if !stands_alone(i, word) {
            return Err(CronError::Field { place: i + 1, name, text: (*word).to_owned(), takes });
        }
    }
    words.join(" ").parse().map_err(|_| CronError::Fields(words.len()))
}

/// Whether a word is one whole field. The library skips blanks and takes a year at the end, so
/// that it reads `1*` as two fields and `1- 5` as one: among stars, year included, neither passes.
fn stands_alone(place: usize, word: &str) -> bool {
    let line: [&str; 7] = std::array::from_fn(|i| if i == place { word } else { "*" });
    line.join(" ").parse::<Schedule>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::{CRON_LENGTH_MAX, CronError, read};

    #[test]
    fn a_line_of_six_fields_is_read_and_its_blanks_are_tidied() {
        for good in ["0 */30 8-18 * * *", "0 0 9 1,15 JAN-MAR MON", "30 0 0 ? * 1", "*/5 * * * * *"]
        {
            assert_eq!(read(good).unwrap().source(), good);
        }
        assert_eq!(read(" 0  0\t9 * * * ").unwrap().source(), "0 0 9 * * *");
    }

    #[test]
    fn a_wrong_field_is_named_with_its_place() {
        let cases = [
            (1, "60 * * * * *"),
            (2, "0 */0 * * * *"),
            (3, "0 0 25 * * *"),
            (4, "0 0 0 0 * *"),
            (5, "0 0 0 1 JUNIO *"),
            (6, "0 0 0 * * 8"),
            (6, "0 0 0 * * -1"),
            (3, "0 0 18-8 * * *"),
            (1, "1* * * * * *"),
            (1, "1- 5 * * * *"),
            (2, "0 /5 * * * *"),
            (2, "0 5, * * * *"),
            (2, "0 4294967296 * * * *"),
            (3, "0 0 \u{661} * * *"),
        ];
        for (wrong, line) in cases {
            match read(line) {
                Err(CronError::Field { place, .. }) => assert_eq!(place, wrong, "{line}"),
                other => panic!("{line}: {other:?}"),
            }
        }
    }

    #[test]
    fn the_sentence_tells_what_may_stand_there() {
        let error = read("0 0 25 * * *").unwrap_err().to_string();
        assert_eq!(
            error,
            "field 3 (hour) is \"25\"; it takes 0-23, lists, ranges, * and steps (/)"
        );
    }

    #[test]
    fn other_numbers_of_fields_shorthands_and_endless_lines_are_refused() {
        for (fields, line) in [(0, ""), (5, "* * * * *"), (7, "0 0 0 1 1 * 2030"), (1, "@hourly")] {
            assert_eq!(read(line), Err(CronError::Fields(fields)), "{line}");
        }
        assert_eq!(read(&"1,".repeat(CRON_LENGTH_MAX)), Err(CronError::TooLong));
    }
}
