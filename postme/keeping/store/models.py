"""Every table of the one store: what was found, what is on the desk, what the public sees, how a town decides and what people say.

Django looks for them here; each kind has its own file.
"""

from postme.keeping.store.desk import DeskAct, Draft, Redaction, Report
from postme.keeping.store.finding import Findable, Known, Vocable
from postme.keeping.store.found import Listing, Ruling, Search, StoredMention, StoredRecord
from postme.keeping.store.proceeding import (
    AddressPoint,
    Attachment,
    Deed,
    Edition,
    Item,
    Meeting,
    Paper,
    Promise,
    Proposal,
    Seat,
    Town,
    Voice,
    Ward,
)
from postme.keeping.store.published import Agency, Claim, Entry, Evidence, Place, PublicPage, PublicRecord, Version
from postme.keeping.store.saying import (
    AdvisoryVote,
    Answer,
    Ballot,
    Comment,
    CommentVersion,
    Moderated,
    Office,
    Outgoing,
    Speaker,
    Subscription,
    Told,
)

__all__ = (
    "AddressPoint",
    "AdvisoryVote",
    "Agency",
    "Answer",
    "Attachment",
    "Ballot",
    "Claim",
    "Comment",
    "CommentVersion",
    "Deed",
    "DeskAct",
    "Draft",
    "Edition",
    "Entry",
    "Evidence",
    "Findable",
    "Item",
    "Known",
    "Listing",
    "Meeting",
    "Moderated",
    "Office",
    "Outgoing",
    "Paper",
    "Place",
    "Promise",
    "Proposal",
    "PublicPage",
    "PublicRecord",
    "Redaction",
    "Report",
    "Ruling",
    "Search",
    "Seat",
    "Speaker",
    "StoredMention",
    "StoredRecord",
    "Subscription",
    "Told",
    "Town",
    "Version",
    "Vocable",
    "Voice",
    "Ward",
)  # fmt: skip
