//! sidetone-assist
