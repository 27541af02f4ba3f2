"""The mode of a log density is found from afar, also where the density is no number beyond an edge."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from iwm_bayes.inference.mode import find_whitening


def log_gamma(vector: Any, data: tuple[()]) -> tuple[float, np.ndarray]:
    """Return the log density of a gamma distribution with mode 1 and curvature 50, which negative numbers have not."""
    x = np.asarray(vector)
    with np.errstate(invalid="ignore"):
        return float((50 * (np.log(x) - x)).sum()), 50 / x - 50


@pytest.mark.parametrize("start", [60.0, 5.0, 1e-3])
def test_a_search_turns_back_where_the_density_is_no_number(start: float) -> None:
    found = find_whitening(log_gamma, (), np.array([start, 2.0]), exact=True)  # type: ignore[arg-type]
    np.testing.assert_allclose(found.mode, 1, atol=1e-4)
    np.testing.assert_allclose(np.linalg.inv(found.root @ found.root.T), 50 * np.eye(2), atol=0.1)
