"""Files given for import, whose preview may name persons: see people 0003."""

from django.db import migrations

FORWARD = """
ALTER TABLE intake_upload ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON intake_upload USING ((SELECT maillage_sees_everything()));
CREATE POLICY moderated ON intake_upload USING (cardinality((SELECT maillage_moderates())) > 0);
"""
BACKWARD = """
ALTER TABLE intake_upload DISABLE ROW LEVEL SECURITY;
DROP POLICY everything ON intake_upload;
DROP POLICY moderated ON intake_upload;
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0003_source_versions"), ("people", "0003_row_security")]
    operations = [migrations.RunSQL(FORWARD, reverse_sql=BACKWARD)]
