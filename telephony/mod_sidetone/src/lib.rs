//! FreeSWITCH module.
