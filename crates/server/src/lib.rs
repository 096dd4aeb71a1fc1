//! The Inkgate HTTP service.
