# Short names for what `cargo xtask` does.

# What CI runs, cheapest first.
check:
    cargo xtask check

test:
    cargo xtask test

tidy:
    cargo xtask tidy

codegen:
    cargo xtask codegen

demo:
    cargo run --release -- demo
