//! When what an order waits for is asked again: 2, 5, 15, then every 48 seconds (R4), with up to a
//! quarter more, so that orders that began together do not all come back together. No pause is longer
//! than a minute (I3).

use uuid::Uuid;

/// Pauses after the first attempts, in seconds.
const PAUSES_S: [f64; 3] = [2.0, 5.0, 15.0];
/// All others.
const LAST_PAUSE_S: f64 = 48.0;
/// From this attempt on somebody should look: it is logged as an error each time.
pub(crate) const ALARM_ATTEMPT: u32 = 6;

/// Seconds from the sending of an attempt to the next one. The same for the same order and
/// attempt.
pub(crate) fn pause_s(order_id: Uuid, attempt: u32) -> f64 {
    let pause = PAUSES_S.get(attempt.max(1) as usize - 1).copied().unwrap_or(LAST_PAUSE_S);
    let byte = order_id.as_bytes().iter().fold(attempt as u8, |sum, b| sum.wrapping_add(*b));
    pause * (1.0 + f64::from(byte) / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::pause_s;
    use uuid::Uuid;

    #[test]
    fn pauses_grow_to_a_minute_at_the_most() {
        for (attempt, base) in [(0, 2.0), (1, 2.0), (2, 5.0), (3, 15.0), (4, 48.0), (99, 48.0)] {
            for order in 0..500 {
                let pause = pause_s(Uuid::from_u128(order), attempt);
                assert!((base..=base * 1.25).contains(&pause), "{attempt}: {pause}");
                assert!(pause <= 60.0, "{attempt}: {pause}");
            }
        }
    }
}
