//! libFuzzer calls `bodies::recordio`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::recordio(data));
