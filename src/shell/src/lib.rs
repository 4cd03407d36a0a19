//! sidetone-shell
