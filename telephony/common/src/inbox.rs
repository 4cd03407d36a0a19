//! Bytes that came and are not understood yet.

/// What a decoder reads from. Holds what was pushed and not taken, and gives room back on the next push.
#[derive(Debug, Default)]
pub struct Inbox {
    bytes: Vec<u8>,
    taken: usize,
}

impl Inbox {
    /// Bytes as they came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.taken);
        self.taken = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// What is not taken yet.
    #[must_use]
    pub fn rest(&self) -> &[u8] {
        self.bytes.get(self.taken..).unwrap_or_default()
    }

    /// The first `count` of them are understood.
    pub fn take(&mut self, count: usize) {
        self.taken = (self.taken + count).min(self.bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use super::Inbox;

    #[test]
    fn what_is_taken_makes_room() {
        let mut inbox = Inbox::default();
        inbox.push(b"one two");
        inbox.take(4);
        assert_eq!(inbox.rest(), b"two");
        inbox.push(b" three");
        assert_eq!((inbox.rest(), inbox.bytes.len()), (&b"two three"[..], 9));
        inbox.take(100);
        assert!(inbox.rest().is_empty());
    }
}
