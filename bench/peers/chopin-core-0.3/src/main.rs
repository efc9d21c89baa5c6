//! chopin-core 0.3: FastRoute on hyper, a listener and a single-threaded runtime for each CPU.

#[path = "../../arguments.rs"]
mod arguments;

use std::future;
use std::sync::Arc;
use std::thread;

use chopin_core::{FastRoute, Router, perf, server};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use tokio::runtime;

fn main() {
    let arguments = arguments::read();
    use_cpus(arguments.workers);
    let routes: Arc<[FastRoute]> = Arc::new([
        FastRoute::text("/plaintext", b"Hello, World!").get_only(),
        FastRoute::json("/json", br#"{"message":"Hello, World!"}"#).get_only(),
    ]);
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        perf::init_date_cache();
        server::run_reuseport(arguments.address, routes, Router::new(), future::pending())
            .await
            .unwrap_or_else(|error| arguments::fail(error))
    });
}

/// run_reuseport starts a worker for each CPU that the process may use, so it may use as many.
fn use_cpus(count: usize) {
    let allowed = sched_getaffinity(None).expect("the CPUs of this process");
    let mut chosen = CpuSet::new();
    (0..CpuSet::MAX_CPU)
        .filter(|&cpu| allowed.is_set(cpu))
        .take(count)
        .for_each(|cpu| chosen.set(cpu));
    sched_setaffinity(None, &chosen).expect("a choice of the CPUs of this process");
    let workers = thread::available_parallelism()
        .expect("the number of these CPUs")
        .get();
    if workers != count {
        arguments::fail(format!(
            "WORKERS is {count}, and this process may use {workers} CPUs"
        ));
    }
}
