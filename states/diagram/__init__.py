"""A process made visible: as a table for people, as Mermaid and SVG to look at, as JSON for programs.

Pure functions of a `Process`; numbers come from the policy that is passed in.
"""

from states.diagram.arrows import main_way
from states.diagram.data import as_data, as_json
from states.diagram.mermaid import as_mermaid
from states.diagram.svg import as_svg
from states.diagram.table import as_markdown, as_table

__all__ = ["as_data", "as_json", "as_markdown", "as_mermaid", "as_svg", "as_table", "main_way"]
