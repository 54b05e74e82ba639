//! libFuzzer calls `bodies::registry`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::registry(data));
