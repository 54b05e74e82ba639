# Short names for what `cargo xtask` does.

# What CI runs, cheapest first.
check:
    cargo xtask check

test:
    cargo xtask test

# Faults on real processes, for as long as one likes.
chaos minutes="10":
    cargo xtask chaos --minutes {{minutes}}

tidy:
    cargo xtask tidy

codegen:
    cargo xtask codegen

demo:
    cargo run --release -- demo
