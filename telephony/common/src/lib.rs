//! What every switch's side needs alike, whatever it speaks.
//!
//! | module | what |
//! |---|---|
//! | [`asks`](Asks) | questions of dialplans on their way to the engine, and back |
//! | [`orders`](Orders) | what dialplans want of the task that owns a tracker |
//! | [`wish`](Wish), [`granted`](Granted) | one line of a dialplan, and what it gets |
//! | [`variables`] | answers as channel variables |
//! | [`output`](offer) | the policy of the one stream that leaves a switch's side |
//! | [`inbox`](Inbox) | bytes that came and are not understood yet |
//! | [`calls`] | which calls there are, who is in them, when they are over |
//! | [`facts`] | who waits, at whom a call rings, what agents do, who talks with a machine: for metrics |
//! | [`link`] | the connection to a switch, watched and made anew |
//! | [`backoff`](Backoff) | how long to wait before the next attempt |
//! | [`accept`](accept()) | a server's door, with a bound |
//! | [`pattern`](matches()) | endpoints by wildcard |
//! | [`port`](look) | ports that are free, ours or somebody else's |
//! | [`settings`](switch_faults) | what is wrong with settings that all switches have |
//! | [`within`](within()) | a limit on an answer, fair to a process that stood still |

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]
#![forbid(unsafe_code)]

mod accept;
mod asks;
mod backoff;
pub mod calls;
pub mod facts;
mod granted;
mod inbox;
pub mod link;
mod orders;
mod output;
mod pattern;
mod port;
mod settings;
pub mod variables;
mod wish;
mod within;

pub use accept::accept;
pub use asks::{Ask, Asks};
pub use backoff::Backoff;
pub use granted::Granted;
pub use inbox::Inbox;
pub use orders::{Order, Orders, Wanted};
pub use output::{OUTPUT_QUEUE, SIGNAL_RESERVE, offer};
pub use pattern::matches;
pub use port::{Port, look};
pub use settings::{connection_faults, switch_faults};
pub use wish::{Wish, WishError, node_of, queue_of};
pub use within::within;
