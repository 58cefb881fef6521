"""Who sees which features: by the API's one door, and by the list of what is open."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request

from api.deps import asked_by, visitor
from api.openness import Openness
from api.tenancy import House


class DoorAccess:
    """An :class:`api.ogc.routes.Access`: one's own cooperative; all of them where the collection is open data."""

    def __init__(self, house: House, openness: Openness) -> None:
        self._house = house
        self._openness = openness

    def cooperatives(self, request: Request, collection: str) -> Sequence[str] | None:
        """See there. Whoever belongs to no cooperative is written down."""
        if collection in self._openness.ogc_public:
            return self._house.every_one()
        principal = visitor(request)
        if principal is None:
            return None
        # a description tells an extent and nothing of anybody
        shown = f"/collections/{collection}/" in request.url.path
        return self._house.seen_together(asked_by(request, principal), written=shown)
