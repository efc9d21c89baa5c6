"""The sub-commands of bench/run, each with a `main`."""
