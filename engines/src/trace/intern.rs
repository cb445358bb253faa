//! Text to dense numbers, without a random seed: the same rows give the same numbers.

use super::TraceError;

/// Marks a name that was not given.
pub(super) const NO_NAME: u32 = u32::MAX;

/// Strings end to end in one buffer, so that a million codes are two allocations.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    bytes: String,
    ends: Vec<usize>,
}

impl Texts {
    pub(super) fn with_capacity(strings: usize) -> Self {
        Self { bytes: String::with_capacity(strings * 12), ends: Vec::with_capacity(strings) }
    }

    pub(super) fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    #[inline]
    pub(super) fn get(&self, index: u32) -> &str {
        let index = index as usize;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.bytes[start..self.ends[index]]
    }
}

/// An open-addressing table from text to its number. Its slot order never leaves this file.
#[derive(Debug, Clone, Default)]
pub(super) struct Interner {
    texts: Texts,
    /// Upper half of the hash, then the number: most wrong slots are passed over without a look at
    /// their text.
    slots: Vec<u64>,
}

const EMPTY: u64 = u64::MAX;

impl Interner {
    pub(super) fn with_capacity(strings: usize) -> Self {
        let slots = (strings.max(8) * 2).next_power_of_two();
        Self { texts: Texts::with_capacity(strings), slots: vec![EMPTY; slots] }
    }

    /// The text's number, giving it the next one when it is new; `true` says that it was.
    pub(super) fn add(&mut self, text: &str) -> Result<(u32, bool), TraceError> {
        if (self.texts.len() + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let hash = hash(text);
        let slot = self.slot(hash, text);
        if self.slots[slot] != EMPTY {
            return Ok((self.slots[slot] as u32, false));
        }
        let number = u32::try_from(self.texts.len()).ok().filter(|n| *n < NO_NAME - 1);
        let number = number.ok_or(TraceError::TooLarge)?;
        self.texts.push(text);
        self.slots[slot] = tag(hash) | u64::from(number);
        Ok((number, true))
    }

    pub(super) fn find(&self, text: &str) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let found = self.slots[self.slot(hash(text), text)];
        (found != EMPTY).then_some(found as u32)
    }

    pub(super) fn into_texts(self) -> Texts {
        self.texts
    }

    /// The slot of the text, or the free slot where it belongs.
    fn slot(&self, hash: u64, text: &str) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let found = self.slots[slot];
            let same_hash = found & !u64::from(u32::MAX) == tag(hash);
            if found == EMPTY || same_hash && self.texts.get(found as u32) == text {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
    }

    fn grow(&mut self) {
        self.slots = vec![EMPTY; (self.slots.len() * 2).max(16)];
        for number in 0..self.texts.len() as u32 {
            let text = self.texts.get(number);
            let hash = hash(text);
            let slot = self.slot(hash, text);
            self.slots[slot] = tag(hash) | u64::from(number);
        }
    }
}

/// The upper half of the hash, never that of [`EMPTY`].
fn tag(hash: u64) -> u64 {
    hash & 0xFFFF_FFFE_0000_0000
}

/// Eight bytes at a time, multiply and fold; unseeded on purpose. The table is rebuilt per graph
/// from a tenant's own rows, so an attacker could only slow down himself.
fn hash(text: &str) -> u64 {
    const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut state = text.len() as u64 ^ MULTIPLIER;
    for chunk in text.as_bytes().chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        let product = u128::from(state ^ u64::from_le_bytes(word)) * u128::from(MULTIPLIER);
        state = (product as u64) ^ ((product >> 64) as u64);
    }
    state ^ (state >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_dense_and_stable_through_growth() {
        let mut interner = Interner::default();
        for i in 0..5_000u32 {
            assert_eq!(interner.add(&format!("L-{i}")), Ok((i, true)));
        }
        for i in (0..5_000u32).rev() {
            assert_eq!(interner.add(&format!("L-{i}")), Ok((i, false)));
            assert_eq!(interner.find(&format!("L-{i}")), Some(i));
        }
        assert_eq!(interner.find("L-5000"), None);
        assert_eq!(interner.into_texts().get(4_999), "L-4999");
    }

    #[test]
    fn the_empty_text_is_a_text() {
        let mut interner = Interner::default();
        assert_eq!(interner.find(""), None);
        assert_eq!(interner.add(""), Ok((0, true)));
        assert_eq!(interner.find(""), Some(0));
    }
}
