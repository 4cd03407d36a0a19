//! Reads CTranslate2's container: named, typed arrays and aliases, little-endian.

use std::collections::BTreeMap;

use super::ConvertError;

/// The version of the container that is understood.
pub(super) const VERSION: u32 = 6;

/// How a variable's numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dtype {
    F32,
    I8,
    I16,
    I32,
    F16,
}

impl Dtype {
    const fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::F32,
            1 => Self::I8,
            2 => Self::I16,
            3 => Self::I32,
            4 => Self::F16,
            _ => return None,
        })
    }

    /// Bytes of one number.
    pub(super) const fn size(self) -> usize {
        match self {
            Self::F32 | Self::I32 => 4,
            Self::I16 | Self::F16 => 2,
            Self::I8 => 1,
        }
    }
}

/// One named array; its data lies in the file's bytes.
#[derive(Clone, Debug)]
pub(super) struct Variable<'a> {
    /// Slowest dimension first; empty for a scalar.
    pub(super) dims: Vec<usize>,
    pub(super) dtype: Dtype,
    pub(super) data: &'a [u8],
}

/// All variables of a model.
#[derive(Debug)]
pub(super) struct Model<'a> {
    variables: BTreeMap<String, Variable<'a>>,
}

impl<'a> Model<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, ConvertError> {
        let mut reader = Reader { rest: bytes };
        let version = reader.u32("its version")?;
        if version != VERSION {
            return Err(ConvertError::Version(version));
        }
        let spec = reader.string("its kind")?;
        if spec != "WhisperSpec" {
            return Err(ConvertError::Spec(spec));
        }
        reader.u32("its revision")?;
        let count = reader.u32("its number of variables")?;
        let mut variables = BTreeMap::new();
        for _ in 0..count {
            let (name, variable) = reader.variable()?;
            variables.insert(name, variable);
        }
        // What follows are aliases (the projection is the embedding), which ggml implies.
        Ok(Self { variables })
    }

    pub(super) fn get(&self, name: &str) -> Result<&Variable<'a>, ConvertError> {
        self.variables
            .get(name)
            .ok_or_else(|| ConvertError::Missing(name.to_owned()))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.variables.contains_key(name)
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize, inside: &'static str) -> Result<&'a [u8], ConvertError> {
        let (head, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or(ConvertError::Truncated(inside))?;
        self.rest = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self, inside: &'static str) -> Result<[u8; N], ConvertError> {
        let bytes = self.take(N, inside)?;
        bytes.try_into().map_err(|_| ConvertError::Truncated(inside))
    }

    fn u32(&mut self, inside: &'static str) -> Result<u32, ConvertError> {
        Ok(u32::from_le_bytes(self.array(inside)?))
    }

    /// A length that includes the closing NUL, then the text.
    fn string(&mut self, inside: &'static str) -> Result<String, ConvertError> {
        let length = u16::from_le_bytes(self.array(inside)?);
        let bytes = self.take(usize::from(length), inside)?;
        let text = bytes.strip_suffix(&[0]).unwrap_or(bytes);
        Ok(String::from_utf8_lossy(text).into_owned())
    }

    fn variable(&mut self) -> Result<(String, Variable<'a>), ConvertError> {
        const INSIDE: &str = "a variable";
        let name = self.string(INSIDE)?;
        let [rank] = self.array(INSIDE)?;
        let mut dims = Vec::with_capacity(usize::from(rank));
        for _ in 0..rank {
            dims.push(self.u32(INSIDE)? as usize);
        }
        let [code] = self.array(INSIDE)?;
        let bytes = self.u32(INSIDE)? as usize;
        let data = self.take(bytes, INSIDE)?;
        let bad = |what| ConvertError::Variable {
            name: name.clone(),
            what,
        };
        let dtype = Dtype::from_code(code).ok_or_else(|| bad("is stored in a number format that is not known"))?;
        let expected = dims.iter().try_fold(dtype.size(), |size, &dim| size.checked_mul(dim));
        if expected != Some(bytes) {
            return Err(bad("has a size that does not match its shape"));
        }
        Ok((name, Variable { dims, dtype, data }))
    }
}
