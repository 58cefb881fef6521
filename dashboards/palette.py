"""The one palette: what boards and alert rules draw with, and nothing else.

Okabe and Ito's hues (https://jfly.uni-koeln.de/color/), moved until every colour stands out at 3 : 1 from white and
from Grafana's dark ground (WCAG 2.1, 1.4.11: a phone in sunlight), and any two differ by a CIE76 distance of 17 or more
to people with normal, protanope and deuteranope sight, 11 or more to tritanopes. ``tests/dashboards/test_palette.py``
measures it.
"""

from __future__ import annotations

from typing import Final

BLUE: Final = "#2B79C5"
VERMILION: Final = "#C63120"
GREEN: Final = "#3D9144"
SKY: Final = "#008CFF"
AMBER: Final = "#C08909"
PURPLE: Final = "#B811A8"
GREY: Final = "#5A7875"

ALL: Final = (BLUE, VERMILION, GREEN, SKY, AMBER, PURPLE, GREY)

GOOD: Final = GREEN
CAUTION: Final = AMBER
BAD: Final = VERMILION
UNKNOWN: Final = GREY
SERIES: Final = (BLUE, AMBER, PURPLE, GREEN, VERMILION, SKY, GREY)
"""The order in which a panel's series take them."""
