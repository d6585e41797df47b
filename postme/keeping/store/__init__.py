"""The one store: Django's models on SQLite under the data folder, or on PostgreSQL where one is configured.

A ruling made in the terminal and one made on the desk are the same row of it.
"""
