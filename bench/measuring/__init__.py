"""What bench/run does, in rooms; a room uses those named before it: servers, load, counting, report, scenarios, data,
commands."""
