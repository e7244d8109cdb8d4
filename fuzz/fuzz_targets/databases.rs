#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| stopleak::fuzz::run("databases", data));
