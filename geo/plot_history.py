"""Each flight's part of a job's ground from the fixes."""

from __future__ import annotations

from core.model.coverage import Flight, JobPlot
from core.registry import Registry
from geo.coverage import Parameters, compute
from geo.flightarea import plot_at, tuned_for
from geo.history import Credit, FlightGround, credited
from geo.jobs import FlightSource, flight_data
from geo.projection import LocalPlane


def job_credits(
    store: FlightSource, registry: Registry, cooperative: str, row: JobPlot, parameters: Parameters
) -> tuple[Credit, ...]:
    """How the flights of a job's row divide its plot, in order of time; all drawn in one plane.

    Raises:
        NotFound: A flight or the plot is not in the registry.
    """
    flights: list[Flight] = [registry.flight(cooperative, name) for name in row.flights]
    plot = plot_at(registry, cooperative, row.coverage.plot, max(f.start_ms for f in flights))
    middle = plot.boundary.centroid
    plane = LocalPlane.around(middle.x, middle.y)
    grounds: list[FlightGround] = []
    for flight in flights:
        tuned = tuned_for(registry, flight, parameters)
        fixes, events = flight_data(store, registry, flight, tuned.default_swath_m)
        shapes = compute(flight.flight, [fixes], [plot], tuned, events, plane=plane).shapes
        grounds += [FlightGround(flight.flight, flight.start_ms, it.net) for it in shapes.plots]
    return credited(grounds)
