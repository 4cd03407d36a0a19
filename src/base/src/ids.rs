//! Identifiers. Cheap to clone, compared by text, printed as they came from the switch.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

text_id! {
    /// One conversation, from its first bridge to its hang-up, whatever transfers lie between.
    /// Derived from the switch (Asterisk `Linkedid`), so a restarted daemon finds the same id.
    CallId
}
text_id! {
    /// One party's channel on the switch (Asterisk `Uniqueid`, FreeSWITCH `Unique-ID`).
    LegId
}
text_id! {
    /// The agent as the soft-phone knows them (a queue member's number, a configured name).
    AgentId
}
text_id! {
    /// One stretch of speech on one leg; unique within its call.
    SegmentId
}
