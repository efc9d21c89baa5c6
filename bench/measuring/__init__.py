"""The measurements of bench/run, in rooms; a room uses those named before it: servers, load, counting, report,
scenarios, data, commands. What all of them need lies beside the rooms."""
