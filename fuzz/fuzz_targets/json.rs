//! libFuzzer calls `bodies::json`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::json(data));
