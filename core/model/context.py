"""What surrounded a flight: the weather at the spot and minute, sensitive sites beside it, alerts while it flies.

NaN means "not known" everywhere, and never "none": a figure that hangs on weather which nobody measured is NaN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.model.fixtable import Codes, Floats, Ints
from core.model.land import SiteKind
from core.model.samples import NAN


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from: which station, how far from the spot, how long before the minute it was last read."""

    station: str
    distance_m: float
    age_s: float


@dataclass(frozen=True, slots=True)
class Weather:
    """The weather at a spot and an instant, from the nearest stations that knew it.

    ``wind_mps`` is the scalar mean, ``wind_vector_mps`` the length of the vector mean, ``wind_from_deg`` where the wind
    comes from (degrees from north, clockwise), all over the averaging time. ``gust_mps`` and ``rain_mmph`` are the
    highest of that time. ``delta_t_c`` is the wet-bulb depression in K. ``pressure_assumed`` says that no station told
    the pressure. ``sources`` names the station of each quantity that is known, by the platform's quantities.
    """

    ts_ms: int
    lon_deg: float
    lat_deg: float
    temperature_c: float = NAN
    humidity_pct: float = NAN
    pressure_hpa: float = NAN
    pressure_assumed: bool = True
    wind_mps: float = NAN
    wind_vector_mps: float = NAN
    wind_from_deg: float = NAN
    gust_mps: float = NAN
    rain_mmph: float = NAN
    delta_t_c: float = NAN
    sun_deg: float = NAN
    sources: Mapping[str, Source] | None = None


class Window(StrEnum):
    """Whether the weather allows spraying. ``no-data`` is a state of its own: nobody knows, so it is never "ok"."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    NO_DATA = "no-data"


class Cause(StrEnum):
    """Why a spray window is not green. ``inversion-proxy`` guesses from calm air and a low sun: no mast measured it."""

    WIND_LOW = "wind-low"
    WIND_HIGH = "wind-high"
    WIND_STOP = "wind-stop"
    GUST_HIGH = "gust-high"
    GUST_STOP = "gust-stop"
    INVERSION_PROXY = "inversion-proxy"
    DELTA_T_LOW = "delta-t-low"
    DELTA_T_MARGINAL = "delta-t-marginal"
    DELTA_T_HIGH = "delta-t-high"
    RAIN = "rain"
    WIND_UNKNOWN = "wind-unknown"
    GUST_UNKNOWN = "gust-unknown"
    DELTA_T_UNKNOWN = "delta-t-unknown"
    RAIN_UNKNOWN = "rain-unknown"


@dataclass(frozen=True, slots=True)
class Reason:
    """One cause of a verdict, how bad it is alone, the value, the limit that it passed, and the unit of both."""

    cause: Cause
    window: Window
    value: float = NAN
    limit: float = NAN
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The spray window with all its reasons. ``missing`` names what is not known, also where the rule does not ask."""

    window: Window
    reasons: tuple[Reason, ...] = ()
    missing: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class Stamp:
    """Weather and what it allowed."""

    weather: Weather
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Spot:
    """An instant and a place."""

    ts_ms: int
    lon_deg: float
    lat_deg: float


@dataclass(frozen=True, slots=True)
class TreatedMinute:
    """A minute in which something was treated: when it begins, the middle of its strips, and how many these are."""

    start_ms: int
    lon_deg: float
    lat_deg: float
    strips: int


@dataclass(frozen=True, slots=True)
class Treating:
    """When and where a flight or a job treated: all that its weather hangs on.

    ``first`` is where the implement went on first, ``last`` where it went off last; the minutes are in order of time.
    """

    first: Spot
    last: Spot
    minutes: tuple[TreatedMinute, ...]


@dataclass(frozen=True, slots=True)
class Stamps:
    """The weather of one job: at the first switch on, over its treated minutes, at the last switch off.

    ``worst`` is the worst of the ``minutes`` treated minutes, ``mean`` their mean (directions as vectors; NaN where no
    minute knows); ``minutes_without`` is how many of them have no verdict for want of data.
    """

    before: Stamp
    worst: Stamp
    mean: Stamp
    after: Stamp
    minutes: int
    minutes_without: int


@dataclass(frozen=True, slots=True, eq=False)
class SiteMinutes:
    """A flight beside one site, minute by minute: columns of the treated minutes, shape (m,).

    ``upwind`` and ``drift`` are 1, 0, or −1 where the weather is not known. ``downwind_l`` is NaN there, if anything
    was released within reach.
    """

    start_ms: Ints
    distance_m: Floats
    upwind: Codes
    drift: Codes
    in_buffer_l: Floats
    downwind_l: Floats


@dataclass(frozen=True, slots=True, eq=False)
class SiteContact:
    """What one flight did beside one sensitive site.

    ``distance_m`` is from the treated ground. ``in_buffer_*`` count all round, ``downwind_*`` only while the site lay
    downwind of the strip. ``drift_min`` is the number of drift-prone minutes. ``reasons`` says why a figure is NaN:
    ``no-data`` (the weather) or ``no-flow`` (the device tells none). ``source`` says who set the two distances.
    """

    site: str
    kind: SiteKind
    distance_m: float
    buffer_m: float
    downwind_m: float
    source: str
    in_buffer_l: float
    in_buffer_s: float
    downwind_l: float
    downwind_s: float
    drift_min: float
    reasons: tuple[str, ...]
    minutes: SiteMinutes


class Objection(StrEnum):
    """Why a product should not have been, or be, used on a plot; the last two say that nobody can tell."""

    BANNED = "banned"
    BANNED_KIND = "banned-kind"
    PRODUCT_UNKNOWN = "product-unknown"
    KIND_UNKNOWN = "kind-unknown"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A product of a job against one plot. ``net_m2`` is the treated area, NaN where it is only planned."""

    job: str
    day: str
    plot: str
    plot_kind: str
    product: str
    list_version: str
    objection: Objection
    net_m2: float = NAN

    @property
    def violation(self) -> bool:
        """Whether a rule is broken, not only unproven."""
        return self.objection in {Objection.BANNED, Objection.BANNED_KIND}


@dataclass(frozen=True, slots=True, eq=False)
class FlightContext:
    """What surrounded one flight of the registry; ``treating`` and ``stamps`` are None where it treated nothing.

    ``job`` and ``day`` are those that it counts for, ``fixes`` how many it had when this was computed.
    """

    flight: str
    device: str
    start_ms: int
    end_ms: int
    fixes: int
    job: str
    day: str
    treating: Treating | None
    stamps: Stamps | None
    contacts: tuple[SiteContact, ...] = ()


@dataclass(frozen=True, slots=True)
class JobContext:
    """What surrounded all flights of a job on its local day, and what speaks against its product on its plots.

    ``product`` is "" where nobody registered the job, or its product. Without flights nothing stands of the job.
    """

    job: str
    day: str
    flights: tuple[str, ...]
    product: str = ""
    stamps: Stamps | None = None
    exclusions: tuple[Exclusion, ...] = ()


class AlertKind(StrEnum):
    """What is told while a drone flies."""

    OUTSIDE_PLOT = "outside-plot"
    IN_BUFFER = "in-buffer"
    BAD_WEATHER = "bad-weather"
    TANK_MISMATCH = "tank-mismatch"


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert begins (``raised``) or ends, at the fix that showed it. ``subject`` is the site where it is about one.

    ``value`` and ``limit`` are in ``unit``: metres from the plots or the site, relative difference of the tank in
    percent, or that of the weather's worst reason.
    """

    kind: AlertKind
    raised: bool
    ts_ms: int
    lon_deg: float
    lat_deg: float
    subject: str = ""
    cause: str = ""
    value: float = NAN
    limit: float = NAN
    unit: str = ""
