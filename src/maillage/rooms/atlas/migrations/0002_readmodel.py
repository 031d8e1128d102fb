"""The tables whose changes the read model of the entries follows."""

from django.db import migrations

FORWARD = """
SELECT readmodel_watch('entries', 'atlas_entry', 'id');
SELECT readmodel_watch('entries', 'atlas_place', 'entry_id');
SELECT readmodel_watch('entries', 'search_searchdocument', 'object_id', $$room = 'atlas' AND kind = 'entry'$$);
"""
BACKWARD = """
SELECT readmodel_unwatch('search_searchdocument');
SELECT readmodel_unwatch('atlas_place');
SELECT readmodel_unwatch('atlas_entry');
"""


class Migration(migrations.Migration):
    dependencies = [("atlas", "0001_initial"), ("readmodel", "0001_initial"), ("search", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, reverse_sql=BACKWARD)]
