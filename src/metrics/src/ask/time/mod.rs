//! Words of time as windows, read in Asia/Shanghai.

mod hours;
mod parts;
mod period;
mod read;

pub(super) use hours::{Hours, hours};
pub(super) use period::{Length, Period, date_of, expected};
pub(super) use read::Clock;
