//! sidetone-media
