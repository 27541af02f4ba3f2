"""Fixtures shared by the tests, and this folder on the path for the modules that they share."""

from __future__ import annotations

import os
import tempfile

import pytest
from small_studies import Fitted, in_memory, small_design, small_parameters, spec_of

pytest_plugins = ["trust", "pytester"]


def pytest_configure(config: pytest.Config) -> None:
    """Let tests share what JAX compiles, whichever process they run in; at full extent each compiles for itself."""
    if not config.getoption("--full") and "JAX_COMPILATION_CACHE_DIR" not in os.environ:
        folder = tempfile.TemporaryDirectory(prefix="iwm-compiled-")
        config.add_cleanup(folder.cleanup)
        os.environ["JAX_COMPILATION_CACHE_DIR"] = folder.name
        os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"


@pytest.fixture(scope="session")
def small_fit() -> Fitted:
    """Two chains of the hierarchical model for 150 persons, two relationships, six items: a few seconds, made once."""
    from iwm_bayes.inference import Schedule, Settings, fit
    from iwm_bayes.simulate import simulate

    spec, design = spec_of("hierarchical"), small_design(150, per_dimension=3)
    values = small_parameters(spec, design, discrimination=[2.0, 1.5, 2.5, 2.0, 1.8, 2.2])
    simulated = simulate(spec, design, values, seed=21)
    settings = Settings(seed=3, schedule=Schedule(chains=2, warmup=100, draws=100), threads=1)
    return Fitted(fit(spec, in_memory(design, simulated.category), settings), simulated, settings)
