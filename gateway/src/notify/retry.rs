//! What follows from how telling somebody went: a plain function. It is tried again for hours, ever
//! more rarely, and not by all at the same moment.

use std::time::Duration;

/// The pauses after the first failure, the second, and so on; after the last one it is given up.
pub(crate) const SCHEDULE_S: [u64; 8] = [5, 30, 120, 600, 3600, 10_800, 21_600, 43_200];
/// Each pause is up to so much longer or shorter.
const JITTER_PER_MILLE: u64 = 200;
/// What was asked for longer ago is given up, however few attempts there were: a webhook that hangs
/// has a queue, and old news help nobody.
pub(crate) const LIFE_S: i64 = 3 * 24 * 3600;

/// How telling somebody went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) verdict: Verdict,
    /// The status of the answer, if there was one.
    pub(crate) answer: Option<u16>,
    /// What was wrong. It names neither addresses nor what is in an answer.
    pub(crate) reason: Option<&'static str>,
}

/// What that means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// They know.
    Delivered,
    /// There was nobody to tell.
    Skipped,
    /// Not now.
    Later,
    /// It would be the same the next time.
    Never,
    /// They want to be told nothing any more.
    Gone,
}

impl Outcome {
    /// They know.
    pub(crate) fn delivered(answer: u16) -> Self {
        Self { verdict: Verdict::Delivered, answer: Some(answer), reason: None }
    }

    /// Without an answer.
    pub(crate) fn unanswered(verdict: Verdict, reason: &'static str) -> Self {
        Self { verdict, answer: None, reason: Some(reason) }
    }

    /// With an answer that says no.
    pub(crate) fn answered(verdict: Verdict, answer: u16, reason: &'static str) -> Self {
        Self { verdict, answer: Some(answer), reason: Some(reason) }
    }
}

/// When it is tried again after so many attempts (from 1), if it is. `random` chooses the jitter.
pub(crate) fn pause(attempt: i32, age_s: i64, random: u64) -> Option<Duration> {
    let nth = usize::try_from(attempt).ok()?.checked_sub(1)?;
    let pause_s = *SCHEDULE_S.get(nth)?;
    if age_s >= LIFE_S {
        return None;
    }
    let per_mille = 1000 - JITTER_PER_MILLE + random % (2 * JITTER_PER_MILLE + 1);
    Some(Duration::from_millis(pause_s * per_mille))
}

#[cfg(test)]
mod tests {
    use super::{LIFE_S, SCHEDULE_S, pause};
    use std::time::Duration;

    #[test]
    fn pauses_grow_from_seconds_to_half_a_day_and_end() {
        let pauses: Vec<u64> = (1..20)
            .map_while(|attempt| pause(attempt, 0, 200))
            .map(|pause| pause.as_secs())
            .collect();
        assert_eq!(pauses, SCHEDULE_S);
        assert!(pauses.windows(2).all(|two| two[0] < two[1]));
        assert!((20 * 3600..24 * 3600).contains(&pauses.iter().sum::<u64>()));
        assert_eq!(pause(9, 0, 0), None);
        assert_eq!(pause(i32::MAX, 0, 0), None);
        for never in [0, -1, i32::MIN] {
            assert_eq!(pause(never, 0, 0), None);
        }
    }

    #[test]
    fn a_pause_is_a_fifth_longer_or_shorter_and_never_more() {
        let of = |random| pause(3, 0, random).unwrap();
        assert_eq!(of(0), Duration::from_secs(96));
        assert_eq!(of(400), Duration::from_secs(144));
        for random in [1, 77, 401, 12_345, u64::MAX] {
            assert!((Duration::from_secs(96)..=Duration::from_secs(144)).contains(&of(random)));
        }
    }

    #[test]
    fn old_news_are_given_up_after_any_attempt() {
        assert!(pause(1, LIFE_S - 1, 0).is_some());
        assert_eq!(pause(1, LIFE_S, 0), None);
    }

    /// A run of failures is told from single ones by their distance, so no pause may be a day.
    #[test]
    fn no_pause_is_a_day() {
        let longest = pause(8, 0, 400).unwrap();
        assert!(longest < Duration::from_secs(24 * 3600));
    }
}
