"""Every table of the one store: what was found, what is on the desk, and what the public sees.

Django looks for them here; each kind has its own file.
"""

from postme.keeping.store.desk import DeskAct, Draft, Redaction, Report
from postme.keeping.store.finding import Findable, Known, Vocable
from postme.keeping.store.found import Listing, Ruling, Search, StoredMention, StoredRecord
from postme.keeping.store.published import Agency, Claim, Entry, Evidence, Place, PublicPage, PublicRecord, Version

__all__ = (
    "Agency", "Claim", "DeskAct", "Draft", "Entry", "Evidence", "Findable", "Known", "Listing", "Place", "PublicPage", "PublicRecord", "Redaction", "Report",
    "Ruling", "Search", "StoredMention", "StoredRecord", "Version", "Vocable",
)  # fmt: skip
