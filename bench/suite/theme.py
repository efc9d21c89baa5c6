"""What plots and page share."""

FOLDER = "plots"
INK = "#1c2733"  # replaced in dark mode, so nothing else may have this colour
RULE = "#d5dbe1"  # and this
