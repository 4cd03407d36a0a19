//! Recordings, read from bytes. Nothing here opens a file.
