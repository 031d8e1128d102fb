"""The tables that public pages read beside those of a layer: any change of theirs makes kept pages old.

The log then holds one line by statement, with no object: whole pages are kept, not rows.
"""

from django.db import migrations

TABLES = (
    "places_territory",
    "places_placename",
    "places_townhall",
    "places_contourcoverage",
    "places_edition",
    "intake_source",
)
FORWARD = """
CREATE FUNCTION readmodel_note_any() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    INSERT INTO readmodel_change (layer, object_id) VALUES (TG_ARGV[0], NULL);
    RETURN NULL;
END $body$;

CREATE FUNCTION readmodel_watch_any(layer text, watched regclass) RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    EXECUTE format('CREATE TRIGGER readmodel_any AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION readmodel_note_any(%L)', watched, layer);
END $body$;
""" + "".join(f"SELECT readmodel_watch_any('pages', '{table}');\n" for table in TABLES)
BACKWARD = "".join(f"DROP TRIGGER readmodel_any ON {table};\n" for table in TABLES) + """
DROP FUNCTION readmodel_watch_any(text, regclass);
DROP FUNCTION readmodel_note_any();
"""


class Migration(migrations.Migration):
    dependencies = [("readmodel", "0001_initial"), ("places", "0001_initial"), ("intake", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, reverse_sql=BACKWARD)]
