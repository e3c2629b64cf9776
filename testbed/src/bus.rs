//! A bus that a test holds in its hand: it may double, hold back, shuffle and lose, by a seed.

use bakery_nats::envelope::Wire;

/// What the bus does to messages, in per cent of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// Lost on the way.
    pub lost: u8,
    /// Delivered now, and again at some later time.
    pub doubled: u8,
    /// True: the next message is any of those on the way. False: the oldest.
    pub shuffled: bool,
}

/// Messages on the way.
#[derive(Debug)]
pub struct Bus {
    faults: Faults,
    random: fastrand::Rng,
    on_the_way: Vec<Wire>,
    /// Everything that was ever sent, in its order.
    pub log: Vec<Wire>,
    /// How many were lost, and how many doubled: a run without a fault proves nothing.
    pub hurt: (usize, usize),
}

impl Bus {
    /// An empty bus; the same seed does the same.
    pub fn new(seed: u64, faults: Faults) -> Self {
        let random = fastrand::Rng::with_seed(seed);
        Self { faults, random, on_the_way: Vec::new(), log: Vec::new(), hurt: (0, 0) }
    }

    /// Sends messages; some may be lost.
    pub fn send(&mut self, wires: impl IntoIterator<Item = Wire>) {
        for wire in wires {
            self.log.push(wire.clone());
            if self.random.u8(..100) < self.faults.lost {
                self.hurt.0 += 1;
            } else {
                self.on_the_way.push(wire);
            }
        }
    }

    /// From now on the bus does no harm.
    pub fn heal(&mut self) {
        self.faults = Faults { shuffled: self.faults.shuffled, ..Faults::default() };
    }

    /// A number below `end`, from the same seed.
    pub fn choose(&mut self, end: usize) -> usize {
        self.random.usize(..end)
    }

    /// The next few messages, at most `batch_max`; none when nothing is on the way.
    pub fn next_batch(&mut self, batch_max: usize) -> Vec<Wire> {
        let mut batch = Vec::new();
        let size = self.random.usize(1..=batch_max);
        while batch.len() < size && !self.on_the_way.is_empty() {
            let next =
                if self.faults.shuffled { self.random.usize(..self.on_the_way.len()) } else { 0 };
            let wire = self.on_the_way.remove(next);
            if self.random.u8(..100) < self.faults.doubled {
                self.hurt.1 += 1;
                self.on_the_way.push(wire.clone());
            }
            batch.push(wire);
        }
        batch
    }
}
