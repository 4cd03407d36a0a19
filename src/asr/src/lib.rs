//! sidetone-asr
