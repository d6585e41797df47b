"""Disk, database and keys."""
