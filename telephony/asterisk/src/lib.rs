//! sidetone-asterisk
