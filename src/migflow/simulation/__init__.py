"""A simulated country: true lives, registers that observe them badly, and the files offices write of them."""

from migflow.simulation.config import MunicipalCounters, SimulationConfig
from migflow.simulation.simulate import SimulationResult, simulate

__all__ = ["MunicipalCounters", "SimulationConfig", "SimulationResult", "simulate"]
