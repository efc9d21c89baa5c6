"""What plots and page agree on."""

FOLDER = "plots"
INK = "#1c2733"  # a page in dark mode has another in its place, so nothing else may have this colour
RULE = "#d5dbe1"  # and this
