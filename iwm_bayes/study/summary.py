"""The size of a study in a line, and what it has over time in another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .wording import counted

if TYPE_CHECKING:
    from .change import Change
    from .study import Study


def summary_of(study: Study) -> str:
    """Return the size of a study in one line."""
    parts = [counted(len(study.persons), "person")]
    if study.clusters is not None:
        parts.append(counted(len(set(study.clusters)), "family", "families"))
    if study.cluster_count is not None:
        parts.append(f"{counted(study.cluster_count, 'cluster')} ({study.codebook.cluster})")
    if len(study.relationships) > 1:
        parts.append(counted(len(study.relationships), "relationship"))
    if len(study.occasions) > 1:
        parts.append(counted(len(study.occasions), "occasion"))
    parts.append(counted(len(study.items), "item" if study.codebook.scores is None else "scale score"))
    missing = sum(step.answers for step in study.flow.steps if step.reason == "missing")
    read = study.flow.steps[0].answers
    return " · ".join([*parts, f"{100 * missing / max(1, read):.1f} % missing"])


def over_time(study: Study) -> list[str]:
    """Return the occasions with their spacing in one line, inputs and events in another; none where there are none."""
    if (change := study.change) is None:
        return []
    lines = []
    if len(study.occasions) > 1:
        lines.append(f"{counted(len(study.occasions), 'occasion')}, {_spacing(change, study.observed)}")
    inputs = [f"{found.name} ({found.convention}, {counted(len(found.value), 'value')})" for found in change.inputs]
    events = [f"{event.name} ×{len(event.time):,}" for event in change.events]
    said = [f"inputs: {', '.join(inputs)}"] * bool(inputs) + [f"events: {', '.join(events)}"] * bool(events)
    return lines + [" · ".join(said)] * bool(said)


def _spacing(change: Change, observed: np.ndarray) -> str:
    """Return the time between a person's observed occasions: the median over all, and the range."""
    if change.unit == "wave":
        return "spacing unknown: waves"
    gaps = np.concatenate([np.diff(time[here]) for time, here in zip(change.time, observed, strict=True)])
    if not len(gaps):
        return "nobody observed twice"
    low, middle, high = (f"{gap:.3g}" for gap in (gaps.min(), np.median(gaps), gaps.max()))
    unit = change.unit if middle == "1" else f"{change.unit}s"
    return f"{middle} {unit} apart" if low == high else f"median {middle} {unit} apart ({low}-{high})"
