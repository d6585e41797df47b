"""Orders that both databases answer from an index: records by day, holdings of a technology by place, and on PostgreSQL found rows from the newest on."""

from typing import Any

from django.db import migrations, models

# PostgreSQL's full-text index knows no order, and positions only up to a point (see 0003). So each row is also marked
# with its stretch of the table (``wordrows.STRETCH`` rows), by which the newest rows of a common word are found from the index
# alone; with the pairs of words that stand side by side in it, by which a phrase is; and whether it is a thing that has a name.
_MARKED = (
    "ALTER TABLE store_findable DROP COLUMN words",
    "CREATE FUNCTION store_pairs(said text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$ "
    "DECLARE words text[] := string_to_array(btrim(said), ' '); found text[] := '{}'; BEGIN "
    "FOR i IN 2 .. coalesce(array_length(words, 1), 0) LOOP found[i - 1] := '_2' || left(md5(words[i - 1] || ' ' || words[i]), 4); END LOOP; "
    "RETURN found; END $$",
    "ALTER TABLE store_findable ADD COLUMN words tsvector GENERATED ALWAYS AS (array_to_tsvector("
    "string_to_array(btrim(folded || ' ' || marks || ' _at_' || (id / 8192) || CASE WHEN kind IN ('place', 'agency', 'technology', 'law', 'vendor') THEN ' _named' ELSE '' END), ' ') "
    "|| store_pairs(folded))) STORED",
    "CREATE INDEX findable_words ON store_findable USING gin (words)",
    # What has no day comes last, as on SQLite.
    "DROP INDEX record_newest",
    "DROP INDEX record_of_place",
    "CREATE INDEX record_newest ON store_publicrecord (date DESC NULLS LAST, sha256)",
    "CREATE INDEX record_of_place ON store_publicrecord (place_id, date DESC NULLS LAST, sha256)",
)


def marked(_apps: Any, schema_editor: Any) -> None:
    """Make them on PostgreSQL; SQLite walks its index backwards, and has what is empty last by itself."""
    if schema_editor.connection.vendor == "postgresql":
        for statement in _MARKED:
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0010_lettering"),
    ]

    operations = [
        migrations.RunPython(marked, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name="entry", name="entry_of_technology"),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["technology", "kind", "place", "id", "state"], name="entry_of_technology"),
        ),
    ]
