"""What the API reads and answers: JSON with the unit in every key, times in UTC, coordinates in WGS 84 (lon, lat)."""

from api.schemas.fields import known

__all__ = ["known"]
