//! Holds the integration tests in `it/`; the library itself is empty.
