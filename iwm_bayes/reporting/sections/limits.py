"""Section 11: what this study cannot say, and where the reporting guidelines are met."""

from __future__ import annotations

from ..contents import ReportContents
from ..document import Block, Checklist, ChecklistRow, Heading, Listing, Paragraph, Section


def limits(contents: ReportContents) -> Section:
    """Return the section on limits, with the checklist."""
    blocks: list[Block] = [
        Listing(tuple(_limits(contents))),
        Heading("Bayesian reporting checklist"),
        Paragraph("Bayesian analysis reporting guidelines (BARG; Kruschke, 2021), and where this report meets them."),
        Checklist(checklist(contents)),
    ]
    return Section(11, "limits", "Limits and reporting checklist", tuple(blocks))


def _limits(contents: ReportContents) -> list[str]:
    relationships = contents.fit.design.relationships
    points = [
        "Self-report: the answers are what persons say of themselves. Questionnaires reach attitudes that a person "
        "is aware of and willing to report; working models are held to operate outside awareness as well, and "
        "interviews about attachment agree little with questionnaires.",
        "Not diagnostic: nothing here is a diagnosis, and a style of a single person is a probability, not a class.",
        "No causal claims: the study is cross-sectional. Nothing says how working models came about or what they do.",
        "What a questionnaire cannot tell: habits of answering (agreeing, extreme answers, one's own reading of an "
        "item) are shared by all relationships and look like a general model. A general share is likely too high where "
        "these were not modelled.",
        "The general share belongs to these relationships, items and persons; others may share less or more.",
        "Items are taken to work alike in every relationship.",
    ]
    if len(relationships) == 2:
        points.insert(
            4,
            f"Two relationships ({relationships[0]} and {relationships[1]}) cannot tell a general model from anything "
            "else that these two have in common, such as living in one household or being answered about in one "
            "sitting; one correlation per dimension is all the evidence there is. A third relationship would test it.",
        )
    if len(relationships) == 1:
        points.insert(4, "One relationship cannot say anything on general and specific working models.")
    if contents.fit.spec.observation.acquiescence or contents.fit.spec.observation.person_item:
        points[3] = points[3].replace("where these were not modelled", "as far as these were not modelled")
    return points


def checklist(contents: ReportContents) -> tuple[ChecklistRow, ...]:
    """Return where each demand of the reporting guidelines is met."""
    over_time = contents.change is not None
    comparison = (
        "Model comparison, with its task and errors"
        if contents.comparison
        else "Model comparison: one model was fitted"
    )
    return (
        ChecklistRow("Preamble: the question, and the quantities that answer it", "verdict", "Verdict"),
        ChecklistRow("Step 1: the model explained; data, likelihood, parameters", "model", "Model"),
        ChecklistRow("Step 1: data, exclusions, missing answers", "data", "Data"),
        ChecklistRow(f"Step 1: priors with reasons{'' if over_time else ', prior predictive check'}", "model", "Model"),
        ChecklistRow("Step 2: software, convergence, effective sample sizes", "computation", "Computation"),
        ChecklistRow("Step 3: posterior predictive check", "fit", "Fit"),
        ChecklistRow("Step 3: posterior distributions, with intervals", "answer", "Answer and estimands"),
        ChecklistRow("Step 3: measurement", "measurement", "Measurement"),
        ChecklistRow(f"Step 3: {comparison}", "comparison", "Comparison"),
        ChecklistRow("Step 4: decisions and the rule behind them", "answer", "Answer and estimands"),
        ChecklistRow("Step 5: sensitivity: what was done and what was not", "sensitivity", "Sensitivity"),
        ChecklistRow("Step 6: reproducibility", "reproduction", "Reproduction"),
    )
