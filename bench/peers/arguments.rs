//! What every peer is told: PORT WORKERS.

use std::env;
use std::fmt::Display;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::{NonZeroU16, NonZeroUsize};
use std::process;
use std::str::FromStr;

pub struct Arguments {
    pub address: SocketAddr,
    pub workers: usize,
}

/// Ends the process where they cannot be used.
pub fn read() -> Arguments {
    let words: Vec<String> = env::args().skip(1).collect();
    let [port, workers] = &words[..] else {
        fail("expected are PORT WORKERS")
    };
    Arguments {
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, number::<NonZeroU16>("PORT", port).get())),
        workers: number::<NonZeroUsize>("WORKERS", workers).get(),
    }
}

pub fn fail(reason: impl Display) -> ! {
    eprintln!("{reason}");
    process::exit(2)
}

fn number<Number: FromStr<Err: Display>>(name: &str, text: &str) -> Number {
    text.parse()
        .unwrap_or_else(|error| fail(format!("{name} is {text}: {error}")))
}
