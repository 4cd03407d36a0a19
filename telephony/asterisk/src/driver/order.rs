//! What dialplans want of the task that owns the tracker.

use crate::fastagi::Caller;

pub(super) type Order = sidetone_telephony::Order<Caller>;
pub(super) type Orders = sidetone_telephony::Orders<Caller>;
