//! The arrays of an .npz file.

use crate::EncoderError;
use crate::archive::Archive;

const MAGIC: &[u8] = b"\x93NUMPY\x01\x00";
/// More than a header ever takes.
const HEADER: usize = 4096;

/// The arrays.
pub(crate) struct Arrays<'a>(Archive<'a>);

impl<'a> Arrays<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, EncoderError> {
        Archive::read(bytes).map(Self)
    }

    /// The bytes of an array, row by row.
    pub(crate) fn bytes(&self, name: &str, shape: &[usize]) -> Result<Vec<u8>, EncoderError> {
        self.content(name, "|u1", 1, shape)
    }

    /// The numbers of an array, row by row.
    pub(crate) fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, EncoderError> {
        let content = self.content(name, "<f4", 4, shape)?;
        let floats: Vec<f32> = content
            .as_chunks::<4>()
            .0
            .iter()
            .map(|bytes| f32::from_le_bytes(*bytes))
            .collect();
        match floats.iter().all(|value| value.is_finite()) {
            true => Ok(floats),
            false => Err(fault(name, "a value is not a number")),
        }
    }

    /// A single number of double precision.
    pub(crate) fn double(&self, name: &str) -> Result<f64, EncoderError> {
        let content = self.content(name, "<f8", 8, &[])?;
        let bytes = content.first_chunk().ok_or_else(|| fault(name, "it is cut off"))?;
        let value = f64::from_le_bytes(*bytes);
        if value.is_finite() {
            Ok(value)
        } else {
            Err(fault(name, "it is not a number"))
        }
    }

    fn content(&self, name: &str, kind: &str, size: usize, shape: &[usize]) -> Result<Vec<u8>, EncoderError> {
        let length = shape.iter().product::<usize>() * size;
        let file = self.0.file(&format!("{name}.npy"), HEADER + length);
        let mut file = file.ok_or_else(|| fault(name, "it is missing or damaged"))?;
        let (header, from) = header(&file).ok_or_else(|| fault(name, "its header is damaged"))?;
        if !header.contains(&format!("'descr': '{kind}'")) || !header.contains("'fortran_order': False") {
            return Err(fault(name, "its numbers are of another kind"));
        }
        let sides: Vec<String> = shape.iter().map(|side| format!("{side},")).collect();
        let given = header
            .split_once("'shape': (")
            .and_then(|(_, rest)| rest.split_once(')'))
            .map(|(given, _)| given);
        let given: Option<String> = given.map(|given| given.chars().filter(|c| *c != ' ').collect());
        if given.is_none_or(|given| given.trim_end_matches(',') != sides.concat().trim_end_matches(',')) {
            return Err(fault(name, "its shape is another"));
        }
        if file.len() != from + length {
            return Err(fault(name, "its length is another"));
        }
        file.drain(..from);
        Ok(file)
    }
}

/// A file's header, and where its numbers begin.
fn header(file: &[u8]) -> Option<(String, usize)> {
    let rest = file.strip_prefix(MAGIC)?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_le_bytes(*length));
    let header = std::str::from_utf8(rest.get(..length)?).ok()?;
    Some((header.to_owned(), MAGIC.len() + 2 + length))
}

fn fault(name: &str, reason: &'static str) -> EncoderError {
    EncoderError::Array {
        name: name.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive with one array of four numbers.
    fn archive(packed: bool) -> Vec<u8> {
        let head = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }\n";
        let mut array = [MAGIC, &(head.len() as u16).to_le_bytes(), head].concat();
        array.extend([1.0_f32, 2.0, 3.0, 4.0].iter().flat_map(|value| value.to_le_bytes()));
        let (method, content) = match packed {
            true => (8_u8, miniz_oxide::deflate::compress_to_vec(&array, 6)),
            false => (0, array),
        };
        let size = (content.len() as u32).to_le_bytes();
        let mut file = vec![0_u8; 30];
        file[..4].copy_from_slice(b"PK\x03\x04");
        file[26] = 5;
        file.extend(b"a.npy");
        file.extend(&content);
        let at = file.len() as u32;
        let mut entry = [0_u8; 46];
        entry[..4].copy_from_slice(b"PK\x01\x02");
        entry[10] = method;
        entry[20..24].copy_from_slice(&size);
        entry[28] = 5;
        file.extend(entry);
        file.extend(b"a.npy");
        let mut end = [0_u8; 22];
        end[..4].copy_from_slice(b"PK\x05\x06");
        end[10] = 1;
        end[16..20].copy_from_slice(&at.to_le_bytes());
        file.extend(end);
        file
    }

    #[test]
    fn arrays_are_read_packed_or_not() {
        for packed in [true, false] {
            let archive = archive(packed);
            let arrays = Arrays::read(&archive).unwrap();
            assert_eq!(arrays.floats("a", &[2, 2]).unwrap(), [1.0, 2.0, 3.0, 4.0]);
            for refused in [
                arrays.floats("b", &[2, 2]),
                arrays.floats("a", &[4]),
                arrays.floats("a", &[2, 1]),
            ] {
                assert!(matches!(refused, Err(EncoderError::Array { .. })));
            }
            arrays.bytes("a", &[2, 2]).unwrap_err();
        }
    }

    proptest::proptest! {
        #[test]
        fn damage_is_refused_or_harmless(
            packed in proptest::bool::ANY,
            damage in proptest::collection::vec((0_usize..300, proptest::num::u8::ANY), 1..8),
            keep in 0_usize..400,
        ) {
            let mut archive = archive(packed);
            for (at, byte) in damage {
                let at = at % archive.len();
                archive[at] = byte;
            }
            archive.truncate(keep);
            if let Ok(numbers) = Arrays::read(&archive).and_then(|arrays| arrays.floats("a", &[2, 2])) {
                proptest::prop_assert_eq!(numbers.len(), 4);
            }
        }
    }
}
