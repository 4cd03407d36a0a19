//! sidetone-assist

pub mod privacy;
