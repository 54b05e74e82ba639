//! libFuzzer calls `bodies::checkpoints`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::checkpoints(data));
