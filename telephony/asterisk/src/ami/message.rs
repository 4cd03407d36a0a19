//! One manager message: fields in the order they came, names compared without case.

/// What a message is, by its first field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// `Event: <name>`.
    Event(&'a str),
    /// `Response: <status>`; `true` unless the status is `Error`.
    Response(bool),
    /// Neither; nothing here needs it.
    Other,
}

/// A manager message, as received. Values hold callers' numbers: `Debug` prints names only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Message {
    fields: Vec<(String, String)>,
}

impl Message {
    /// From fields in order.
    #[must_use]
    pub fn new(fields: Vec<(String, String)>) -> Self {
        Self { fields }
    }

    /// The first field of that name; `None` where it is absent, empty or Asterisk's `<unknown>`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty() && *value != "<unknown>")
    }

    /// What the message is.
    #[must_use]
    pub fn kind(&self) -> Kind<'_> {
        match self.fields.first() {
            Some((key, value)) if key.eq_ignore_ascii_case("Event") => Kind::Event(value),
            Some((key, value)) if key.eq_ignore_ascii_case("Response") => {
                Kind::Response(!value.eq_ignore_ascii_case("Error"))
            }
            _ => Kind::Other,
        }
    }

    /// The event's name, if it is an event.
    #[must_use]
    pub fn event(&self) -> Option<&str> {
        match self.kind() {
            Kind::Event(name) => Some(name),
            _ => None,
        }
    }

    /// The correlation that the action carried.
    #[must_use]
    pub fn action_id(&self) -> Option<&str> {
        self.get("ActionID")
    }

    /// The fields, in order.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Message({:?}, {} fields)", self.kind(), self.fields.len())
    }
}
