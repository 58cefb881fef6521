"""The registry on SQLAlchemy 2: cooperatives, plots, devices, flights and what was computed for them."""
