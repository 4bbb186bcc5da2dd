"""Reports: from a file of one's own to a page that a manager reads."""

from churnlab.report.build import build
from churnlab.report.made import Report
from churnlab.report.parts import Picture, Section, Shown

__all__ = ["Picture", "Report", "Section", "Shown", "build"]
