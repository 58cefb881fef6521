"""Adapters that implement the stores of :mod:`core.ports`; :mod:`storage.urls` opens them."""
