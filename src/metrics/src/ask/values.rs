//! What values of the tables of words stand for.

use super::Reason;
use crate::query::{Grain, Op, Order};

/// The step of time that a unit names, in one or in many.
pub(super) fn step_of(unit: &'static str) -> Option<&'static str> {
    let one = unit.strip_suffix('s').unwrap_or(unit);
    grain(one).map(|_| one)
}

pub(super) fn grain(value: &str) -> Option<Grain> {
    Some(match value {
        "minute" => Grain::Minute,
        "hour" => Grain::Hour,
        "day" => Grain::Day,
        "week" => Grain::Week,
        "month" => Grain::Month,
        "quarter" => Grain::Quarter,
        "year" => Grain::Year,
        _ => return None,
    })
}

pub(super) fn order(value: &str) -> Option<Order> {
    match value {
        "highest" => Some(Order::Highest),
        _ => Some(Order::Lowest),
    }
}

pub(super) fn op(value: &str) -> Option<Op> {
    Some(match value {
        ">" => Op::Above,
        ">=" => Op::AtLeast,
        "<" => Op::Below,
        "<=" => Op::AtMost,
        _ => return None,
    })
}

pub(super) fn reason(value: &str) -> Reason {
    match value {
        "forecast" => Reason::Forecast,
        "cause" => Reason::Cause,
        "personal" => Reason::Personal,
        "order" => Reason::Order,
        "negation" => Reason::Negation,
        _ => Reason::Judgement,
    }
}
