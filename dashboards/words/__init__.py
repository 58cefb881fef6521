"""Every text that a person reads on a board, in Vietnamese and English: the one source of strings.

By kind: single words, titles, what panels show, what stands where there is nothing, alert rules.
"""

from __future__ import annotations

from dashboards.language import Text as Text
from dashboards.words.about import *
from dashboards.words.empty import *
from dashboards.words.plain import *
from dashboards.words.rules import *
from dashboards.words.titles import *
