"""The integrated likelihood of a person's answers: interchangeable routes that must agree."""

from .adaptive import Adaptive, Points, find_mode, t_points
from .answers import ItemTable, Parameters, field_of, item_table
from .explicit import Explicit
from .gaussian import Gaussian
from .paced import Paced
from .panel_route import acts_on, effects_of_inputs, has_mean
from .panel_sites import Propagation
from .pooled import Pooled, patterns_of
from .predictor import Predictor, cell_loadings, factor_names, predictor
from .quadrature import Grid, Quadrature, evenly_spaced, gauss_hermite
from .route import ROUTES, Route, choose_route, density_route, is_exact, reference_route, sampling_route
from .smoothing import Smoothed, Smoother, smoother

__all__ = [
    "ROUTES",
    "Adaptive",
    "Explicit",
    "Gaussian",
    "Grid",
    "ItemTable",
    "Paced",
    "Parameters",
    "Points",
    "Pooled",
    "Predictor",
    "Propagation",
    "Quadrature",
    "Route",
    "Smoothed",
    "Smoother",
    "acts_on",
    "cell_loadings",
    "choose_route",
    "density_route",
    "effects_of_inputs",
    "evenly_spaced",
    "factor_names",
    "field_of",
    "find_mode",
    "gauss_hermite",
    "has_mean",
    "is_exact",
    "item_table",
    "patterns_of",
    "predictor",
    "reference_route",
    "sampling_route",
    "smoother",
    "t_points",
]
