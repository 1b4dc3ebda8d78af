//! A serial number in 21 octets, without an allocation.

use crate::store::SerialNumber;

/// A serial number; ordered as its octets are.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Key {
    /// Zeros after the number: with the length behind them, padding does not change the order.
    octets: [u8; MOST],
    length: u8,
}

impl Key {
    pub(super) fn of(serial: &SerialNumber) -> Self {
        let mut octets = [0; MOST];
        for (place, octet) in octets.iter_mut().zip(serial.as_octets()) {
            *place = *octet;
        }
        // At most 20 (names.rs).
        Self { octets, length: serial.as_octets().len() as u8 }
    }

    /// The serial number again; `None` never, since it was made from one.
    pub(super) fn serial(&self) -> Option<SerialNumber> {
        SerialNumber::from_octets(self.octets.get(..usize::from(self.length))?)
    }
}

/// Octets of the longest serial number (RFC 5280 §4.1.2.2).
const MOST: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_ordered_as_the_octets_of_serial_numbers() {
        let octets: [&[u8]; 7] =
            [&[1], &[1, 0], &[1, 0, 0], &[1, 0, 1], &[1, 1], &[2], &[0x7f; 20]];
        let serials = octets.map(|octets| SerialNumber::from_octets(octets).unwrap());
        assert!(serials.is_sorted());
        assert!(serials.map(|serial| Key::of(&serial)).is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn key_gives_the_serial_number_back() {
        for octets in [&[0, 0x80][..], &[1, 0], &[0x7f; 20]] {
            let serial = SerialNumber::from_octets(octets).unwrap();
            assert_eq!(Key::of(&serial).serial(), Some(serial));
        }
    }
}
