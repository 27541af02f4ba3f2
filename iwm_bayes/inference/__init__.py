"""From a model and a study to a `Fit`: sampling, approximation, accuracy, storage."""

from __future__ import annotations

import os

# Each chain is a program on one thread; this must be said before JAX starts.
os.environ["XLA_FLAGS"] = " ".join(filter(None, [os.environ.get("XLA_FLAGS"), "--xla_cpu_multi_thread_eigen=false"]))

from ..runs import RunFolder, is_run, write_atomically
from .fitting import fit, fit_answers, observed
from .in_folder import resume
from .nuts import Draws, Schedule
from .pointwise import flatten_draws, person_log_likelihood, relationship_log_likelihood
from .prepare import Prepared, constrain, log_prior_at, prepare
from .record import Fit
from .settings import METHODS, Settings, usual_schedule
from .storage import load, read_persons, save
from .trajectories import TRAJECTORIES, add_trajectories, between_occasions, can_be_smoothed, has_trajectories
from .working_models import add_working_models

__all__ = [
    "METHODS",
    "TRAJECTORIES",
    "Draws",
    "Fit",
    "Prepared",
    "RunFolder",
    "Schedule",
    "Settings",
    "add_trajectories",
    "add_working_models",
    "between_occasions",
    "can_be_smoothed",
    "constrain",
    "fit",
    "fit_answers",
    "flatten_draws",
    "has_trajectories",
    "is_run",
    "load",
    "log_prior_at",
    "observed",
    "person_log_likelihood",
    "prepare",
    "read_persons",
    "relationship_log_likelihood",
    "resume",
    "save",
    "usual_schedule",
    "write_atomically",
]
