"""Whether anything has changed: what was read at a revision of a store holds as long as the revision stands."""

from __future__ import annotations

from typing import Protocol


class Revised(Protocol):
    """A store whose revision costs less than what is read from it."""

    @property
    def revision_is_near(self) -> bool:
        """Whether the revision is told at once, from this machine: an event loop may ask for it."""
        ...

    def revision(self) -> str:
        """What stands, in a word: nothing was committed between two equal ones, by whichever process.

        To be asked for before what is read at it: what was read later may be newer, and never older.

        Raises:
            StoreUnavailable: The store does not answer.
        """
        ...
