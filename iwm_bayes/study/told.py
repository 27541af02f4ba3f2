"""A finding about data in words that may stand in a report: without values of single persons, and without numbers.

What `iwm check` shows is for the person who has the file: rows, values, how often. A report goes further, so that it
says what kind of thing was found and leaves the rest out. Findings about items, columns and keys are told as they are.
"""

from __future__ import annotations

from ..errors import Problem

_AS_IT_IS = {"D116", "D201", "D230", "D231", "D241", "D243", "D247", "D248"}
_WITHOUT_VALUES = {
    "D214": "A relationship is marked not applicable for persons with answers about it. Their answers are kept.",
    "D220": "Answers of a person are there twice. The first of each is used.",
    "D240": "Persons have no answers and are not analysed.",
    "D246": "Persons have 1 occasion: that informs levels, not change. Kept.",
    "D250": "Questionnaires have one and the same answer to every item.",
    "D251": "Rows are exact copies of earlier rows. Kept.",
    "D252": "A covariate has values outside its range. Taken as missing there; answers kept.",
    "D253": 'A covariate of two-letter country codes has "NA", which may be Namibia.',
    "D254": "A covariate has values that are no numbers, or not among its categories. Taken as missing there.",
    "D275": "Values of an input are missing.",
    "D276": "Values of an input lie outside the occasions of the person.",
    "D277": "Values of an input are about no interval and not used, or spells last until a person's last occasion.",
    "D278": "A file of inputs or events has rows about persons without answers; not used.",
    "D279": "Values of an input stand at occasions without answers and without a time; not used.",
    "D281": "Events lie outside the occasions of the person. Kept.",
    "D282": "Events have no dose; taken as 1.",
    "D283": "Events repeat one of the same class, person and time. Kept.",
}


def without_values(problem: Problem) -> str:
    """Return what was found, in words that tell of no single person."""
    if problem.code in _AS_IT_IS:
        return problem.message
    return _WITHOUT_VALUES.get(problem.code, "Something was found.")
