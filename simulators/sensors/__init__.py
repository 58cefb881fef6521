"""Field sensors: what is true where they stand, what they make of it, and how their makers put it on the wire."""

from simulators.sensors.build import Installed, installed
from simulators.sensors.wire import encode

__all__ = ["Installed", "encode", "installed"]
