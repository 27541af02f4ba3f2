"""The loadings of every structure reproduce its covariances, written down one by one from the definition."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from small_studies import as_parameters, small_design, small_parameters, spec_of

from iwm_bayes import build  # noqa: F401  (double precision)
from iwm_bayes.field import correlated_field, dense_loadings, two_tier_field
from iwm_bayes.likelihood import cell_loadings, factor_names, item_table

RELATIONSHIPS = ("mother", "father", "friend")
SD = np.array([[1.0, 0.8, 1.3], [1.0, 1.2, 0.7]])
MEAN = np.array([[0.0, 0.4, -0.2], [0.0, -0.1, 0.6]])
GENERAL, SPECIFIC = 0.45, -0.3


def covariance(share: np.ndarray) -> np.ndarray:
    """Return cov(theta[d, c], theta[e, k]) = s s (sqrt(w w) R_G[d, e] + sqrt((1-w)(1-w)) R_D[d, e] [c = k])."""
    expected = np.empty((2, 3, 2, 3))
    for d, c, e, k in np.ndindex(expected.shape):
        shared = np.sqrt(share[d] * share[e]) * (1 if d == e else GENERAL)
        own = np.sqrt((1 - share[d]) * (1 - share[e])) * (1 if d == e else SPECIFIC) * (c == k)
        expected[d, c, e, k] = SD[d, c] * SD[e, k] * (shared + own)
    return expected


@pytest.mark.parametrize("share", [[1.0, 1.0], [0.0, 0.0], [0.3, 0.7]], ids=["single", "independent", "hierarchical"])
def test_dense_loadings_have_the_covariances_of_the_structure(share: list[float]) -> None:
    field = two_tier_field(*map(jnp.asarray, (MEAN, SD, np.array(share), np.array(GENERAL), np.array(SPECIFIC))))
    loading = np.asarray(dense_loadings(field))
    # Products of a dozen numbers of order 1: rounding stays below 1e-14.
    np.testing.assert_allclose(np.einsum("dcf,ekf->dcek", loading, loading), covariance(np.array(share)), atol=1e-14)


def test_correlated_loadings_have_the_given_correlations_with_the_dimension_running_fastest() -> None:
    factors = np.random.default_rng(2).standard_normal((6, 9))
    matrix = np.corrcoef(factors)
    loading = np.asarray(correlated_field(jnp.asarray(SD), jnp.asarray(matrix)))
    found = np.einsum("dcf,ekf->dcek", loading, loading)
    for d, c, e, k in np.ndindex(found.shape):
        assert found[d, c, e, k] == pytest.approx(SD[d, c] * SD[e, k] * matrix[c * 2 + d, k * 2 + e], abs=1e-14)


@pytest.mark.parametrize("structure", ["single", "independent", "hierarchical"])
def test_leaving_out_factors_on_which_nothing_loads_leaves_the_covariances(structure: str) -> None:
    spec, design = spec_of(structure), small_design(1, relationships=RELATIONSHIPS)
    share = {"single": [1.0, 1.0], "independent": [0.0, 0.0], "hierarchical": [0.3, 0.7]}[structure]
    values = small_parameters(spec, design, relationship_sd=SD, relationship_mean=MEAN)
    given = {"general_share": share, "correlation_general": GENERAL, "correlation_specific": SPECIFIC}
    values |= {name: np.array(value) for name, value in given.items() if name in values}
    loading = np.asarray(cell_loadings(as_parameters(values), structure))
    items = item_table(design, spec.field.dimensions)
    names = factor_names(items, RELATIONSHIPS, structure, acquiescence=False, person_item=False)
    assert loading.shape == (2, 3, len(names))
    np.testing.assert_allclose(np.einsum("dcf,ekf->dcek", loading, loading), covariance(np.array(share)), atol=1e-14)


def test_one_dimension_needs_no_correlation() -> None:
    field = two_tier_field(*map(jnp.asarray, (MEAN[:1], SD[:1], np.array([0.3]), np.array(0.0), np.array(0.0))))
    loading = np.asarray(dense_loadings(field))
    expected = np.outer(SD[0], SD[0]) * (0.3 + 0.7 * np.eye(3))
    np.testing.assert_allclose(loading[0] @ loading[0].T, expected, atol=1e-14)


def test_each_factor_is_named_for_the_cells_that_load_on_it() -> None:
    spec, design = spec_of("hierarchical"), small_design(1)
    values = small_parameters(spec, design)
    loading = np.asarray(cell_loadings(as_parameters(values), "hierarchical"))
    items = item_table(design, spec.field.dimensions)
    names = factor_names(items, design.relationships, "hierarchical", acquiescence=False, person_item=False)
    for d, dimension in enumerate(spec.field.dimensions):
        for c, relationship in enumerate(design.relationships):
            assert loading[d, c, names.index(f"{dimension}, general")] != 0
            assert loading[d, c, names.index(f"{dimension}, {relationship}")] != 0
            others = [n for n, name in enumerate(names) if not name.endswith(("general", relationship))]
            assert not loading[d, c, others].any()
