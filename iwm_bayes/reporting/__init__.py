"""Reports: what was found, in one self-contained page. Statistics are computed elsewhere; here they are shown."""

from .calibration import write_calibration_report
from .contents import ReportContents, collect
from .write import write_contents, write_main_figure, write_report

__all__ = [
    "ReportContents",
    "collect",
    "write_calibration_report",
    "write_contents",
    "write_main_figure",
    "write_report",
]
