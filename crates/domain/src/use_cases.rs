//! What a caller can do, over the ports.
