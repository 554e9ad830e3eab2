"""Durations as the settings of Trivet have them: `250ms`, `10s`, `5m`, `1h`."""

import re

UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


def seconds(text):
    """How many seconds a duration is. @raise ValueError when it is none."""
    match = re.fullmatch(r"([0-9]{1,12})([A-Za-z]+)", text)
    if match is None or match[2] not in UNITS:
        raise ValueError("not a duration such as 250ms, 10s, 5m or 1h")
    return int(match[1]) * UNITS[match[2]]
