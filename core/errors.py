"""Every error that Cánh Đồng raises on purpose, grouped by what the caller should do about it.

::

    CanhdongError
    ├── ConfigError              stop: a setting or an argument is wrong; the message names it
    ├── RetriableError           try again later; nothing was lost
    │   ├── StoreUnavailable         the database does not answer or is locked
    │   ├── StoreRefused             the store refuses the credential, or has no such database: tell a person
    │   ├── SpoolFull                the disk, or the spool's limit, is full: nothing more is acknowledged
    │   ├── BrokerUnavailable        the MQTT broker does not answer or refused the session
    │   └── ProviderUnavailable      the provider of sign-on does not answer, or not as OpenID Connect says
    ├── SkippableError           this one piece is bad; keep the reason, go on with the next
    │   ├── PayloadError             an MQTT payload that is not what its topic says
    │   ├── FlightLogError           a log file, or a part of it, that cannot be read
    │   ├── FieldFileError           a file of plots, or a row of it, that cannot be read
    │   └── ArchiveError             a file of the archive that is damaged, or is not what its name says
    ├── Unauthenticated          nobody knows who asks: log in, or show another credential
    ├── Forbidden                who asks is known, and may not do that
    ├── TooManyAttempts          wait before the next attempt; says how long
    ├── NotFound                 what was asked for does not exist (or is another cooperative's)
    └── Conflict                 the thing exists already, with other content
"""

from __future__ import annotations


class CanhdongError(Exception):
    """Root of every error that this project raises on purpose."""


class ConfigError(CanhdongError):
    """A setting or an argument is wrong. The process stops with this one line."""


class RetriableError(CanhdongError):
    """Something outside is away for now. Keep the work and try again."""


class StoreUnavailable(RetriableError):
    """The telemetry store or the registry does not answer."""


class StoreRefused(RetriableError):
    """The store refuses the credential, or has no such database. Keep everything, and tell a person what to do."""


class SpoolFull(RetriableError):
    """The spool has reached its limit, or its disk is full. Acknowledge nothing more; the broker keeps it."""


class BrokerUnavailable(RetriableError):
    """The MQTT broker does not answer, or it refused the session."""


class ProviderUnavailable(RetriableError):
    """The provider of sign-on does not answer, or not as OpenID Connect says."""


class SkippableError(CanhdongError):
    """One piece of input is bad. Record why, and go on with the next."""


class PayloadError(SkippableError):
    """An MQTT payload does not hold what its topic promises.

    ``reason`` is a short stable code (``schema``, ``range``, ``identity``, ``clock`` ...) that counters are kept by;
    the message says in words what is wrong.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class FlightLogError(SkippableError):
    """A flight or work log cannot be read; the message names the file, the byte or line, and the cause."""


class FieldFileError(SkippableError):
    """A file of plots, or one feature of it, cannot be read; the message names the file, the feature and the cause."""


class ArchiveError(SkippableError):
    """A file of the archive is damaged or is not what its name says; the message names it."""


class Unauthenticated(CanhdongError):
    """Nobody knows who asks. The message never says which part of a credential was wrong."""


class Forbidden(CanhdongError):
    """Who asks is known, and may not do that."""


class TooManyAttempts(CanhdongError):
    """Somebody tried too often; ``wait_s`` is the time until the next attempt, in seconds."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many attempts; try again in {wait_s} s")
        self.wait_s = wait_s


class NotFound(CanhdongError):
    """What was asked for does not exist here."""


class Conflict(CanhdongError):
    """The thing exists already, with other content."""
