"""What `servers` measures, in which order, and with which builds."""
