"""The keys that are shipped are those of the sources, and every one says how far it is verified."""

from __future__ import annotations

import pytest

from iwm_bayes.errors import DataError
from iwm_bayes.study import list_instruments, load_instrument

# anxiety items, avoidance items, items of which a higher answer means a more positive model
_PUBLISHED = {
    "ecr-rs": ({7, 8, 9}, set(range(1, 7)), {1, 2, 3, 4}),
    "ecr-r": (set(range(1, 19)), set(range(19, 37)), {9, 11, 20, 22, 26, 27, 28, 29, 30, 31, 33, 34, 35, 36}),
    "ecr": (set(range(2, 37, 2)), set(range(1, 36, 2)), {3, 15, 19, 22, 25, 27, 29, 31, 33, 35}),
    "ecr-rc-brief": ({1, 5, 7, 8, 9, 12}, {2, 3, 4, 6, 10, 11}, set()),
    "ecr-12": ({1, 2, 3, 5, 7, 8}, {4, 6, 9, 10, 11, 12}, {6, 9, 10, 11, 12}),
    "ecr-s": (set(range(2, 13, 2)), set(range(1, 12, 2)), {1, 5, 8, 9}),
}


@pytest.mark.parametrize("name", _PUBLISHED)
def test_a_key_is_that_of_its_source(name: str) -> None:
    instrument = load_instrument(name)
    anxiety, avoidance, minus = _PUBLISHED[name]
    assert {int(item) for item in instrument.dimensions["self"]} == anxiety
    assert {int(item) for item in instrument.dimensions["others"]} == avoidance
    assert {int(item) for item in instrument.keyed_minus} == minus
    assert [int(item) for item in instrument.items] == sorted(anxiety | avoidance)


def test_the_prototypes_load_on_both_models_with_their_signs() -> None:
    signs = {name: (load["self"], load["others"]) for name, load in load_instrument("rq").loadings.items()}
    assert signs == {"secure": (1, 1), "preoccupied": (-1, 1), "dismissing": (1, -1), "fearful": (-1, -1)}


def test_exactly_these_instruments_are_shipped() -> None:
    assert {instrument.name for instrument in list_instruments()} == {*_PUBLISHED, "rq"}


def test_every_key_has_a_source_and_a_verification_status() -> None:
    for instrument in list_instruments():
        assert instrument.source
        assert instrument.verification.note
    assert load_instrument("ecr-s").verification.status == "recalled"


def test_an_unknown_instrument_names_the_nearest() -> None:
    with pytest.raises(DataError, match=r'D113 .*\n.*Did you mean "ecr-r"'):
        load_instrument("ecr-rx")
