"""Who steers, from the mode numbers of autopilots.

ArduPilot: ``enum class Number`` in ArduCopter/mode.h (24 is ZigZag, its AB mode of spraying), ArduPlane/mode.h and
Rover/mode.h. PX4: msg/VehicleStatus.msg (``nav_state``), and src/modules/commander/px4_custom_mode.h for MAVLink.
"""

from __future__ import annotations

from typing import Final

from core.model.enums import Mode

_COPTER: Final = {
    Mode.AUTO: (3, 4, 7, 19, 20, 23),
    Mode.AB: (24,),
    Mode.RTL: (6, 9, 21, 27),
    Mode.MANUAL: (0, 1, 2, 5, 11, 13, 14, 15, 16, 17, 22),
}
_PLANE: Final = {
    Mode.AUTO: (10, 12, 13, 14, 15),
    Mode.RTL: (11, 20, 21),
    Mode.MANUAL: (0, 1, 2, 3, 4, 5, 6, 7, 8, 17, 18, 19, 23),
}
_ROVER: Final = {Mode.AUTO: (10, 15), Mode.RTL: (11, 12), Mode.MANUAL: (0, 1, 3, 4, 5, 6)}
_PX4: Final = {
    Mode.MANUAL: (0, 1, 2, 6, 10, 15),
    Mode.AUTO: (3, 4, 14, 17, 19, 21, 22),
    Mode.RTL: (5, 18, 20),
    Mode.FAILSAFE: (12, 13),
}
_PX4_MAIN: Final = {1: Mode.MANUAL, 2: Mode.MANUAL, 3: Mode.MANUAL, 5: Mode.MANUAL, 6: Mode.AUTO, 7: Mode.MANUAL}
_PX4_AUTO: Final = 4
_PX4_AUTO_BACK: Final = (5, 6)  # return, land


def _numbered(table: dict[Mode, tuple[int, ...]]) -> dict[int, Mode]:
    return {number: mode for mode, numbers in table.items() for number in numbers}


_ARDUPILOT: Final = {"copter": _numbered(_COPTER), "plane": _numbered(_PLANE), "rover": _numbered(_ROVER)}
_PX4_STATES: Final = _numbered(_PX4)


def ardupilot_mode(vehicle: str, number: int) -> Mode:
    """The mode of an ArduPilot ``copter``, ``plane`` or ``rover``; unknown for any other number or vehicle."""
    return _ARDUPILOT.get(vehicle, {}).get(number, Mode.UNKNOWN)


def px4_mode(nav_state: int) -> Mode:
    """The mode of PX4's ``nav_state``."""
    return _PX4_STATES.get(nav_state, Mode.UNKNOWN)


def px4_custom_mode(custom_mode: int) -> Mode:
    """The mode of PX4's ``custom_mode`` in a HEARTBEAT: main mode in bits 16–23, mode within AUTO in bits 24–31."""
    main, sub = custom_mode >> 16 & 0xFF, custom_mode >> 24 & 0xFF
    if main == _PX4_AUTO:
        return Mode.RTL if sub in _PX4_AUTO_BACK else Mode.AUTO
    return _PX4_MAIN.get(main, Mode.UNKNOWN)
