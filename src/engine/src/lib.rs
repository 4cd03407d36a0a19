//! sidetone-engine
