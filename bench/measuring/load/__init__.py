"""What is sent to servers: requests, load generators, and what one run of a generator tells."""
