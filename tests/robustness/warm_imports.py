"""Imports what a fit needs without starting JAX, whose threads do not survive a fork."""

from __future__ import annotations

from unittest import mock

import numpy as np
from jax._src.xla_bridge import backends_are_initialized

with mock.patch("jax.numpy.log", np.log):  # BlackJAX computes the default of an argument when it is imported
    import blackjax  # noqa: F401

import iwm_bayes.cli.fit
import iwm_bayes.cli.report
import iwm_bayes.cli.resume
import iwm_bayes.criticism
import iwm_bayes.estimands
import iwm_bayes.inference
import iwm_bayes.reporting  # noqa: F401

if backends_are_initialized():
    raise RuntimeError("JAX was started by an import: children of this process would hang.")
