"""How a working model shows in answers: the laws of observation, apart from what is observed."""

from .graded import answer_log_probability, category_log_probability

__all__ = ["answer_log_probability", "category_log_probability"]
