"""Public Oversight of Surveillance Technology and Military Equipment."""

__version__ = "0.1.0"
