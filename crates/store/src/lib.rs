//! Expiring records, counters and members.
