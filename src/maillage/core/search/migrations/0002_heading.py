"""An index of titles alone: where a word is in very many documents, those that hold it in their title are ranked first.

Written as SQL: it is on a function, and the model needs to know nothing of it.
"""

from django.db import migrations

FORWARD = "CREATE INDEX IF NOT EXISTS document_heading ON search_searchdocument USING gin (ts_filter(vector, '{a}'))"


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, reverse_sql="DROP INDEX document_heading")]
