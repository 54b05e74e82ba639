//! libFuzzer calls `bodies::master`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::master(data));
