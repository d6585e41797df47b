"""Static files: by names with a hash in them once ``collectstatic`` was run, by their own names (a demonstration) before that."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Collected(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Files that may be kept for good, compressed ahead; where none were collected, the files as they lie in the package."""

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        """The name under which a file is served."""
        return str(super().stored_name(name)) if self.hashed_files else name
