"""Which person a pseudonym of the journal is: see people 0003. The lines themselves name nobody."""

from django.db import migrations

FORWARD = """
ALTER TABLE journal_pseudonym ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON journal_pseudonym USING ((SELECT maillage_sees_everything()));
"""
BACKWARD = """
ALTER TABLE journal_pseudonym DISABLE ROW LEVEL SECURITY;
DROP POLICY everything ON journal_pseudonym;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0002_append_only"), ("people", "0003_row_security")]
    operations = [migrations.RunSQL(FORWARD, reverse_sql=BACKWARD)]
