//! Numbers without loss: integers, and decimals of any length by their text.
