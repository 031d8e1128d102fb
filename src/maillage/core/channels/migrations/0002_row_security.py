"""Messages with the addresses that they go to, who typed a contribution, and where from: see people 0003."""

from django.db import migrations

FORWARD = """
ALTER TABLE channels_outboundmessage ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON channels_outboundmessage USING ((SELECT maillage_sees_everything()));
CREATE POLICY operated ON channels_outboundmessage FOR SELECT USING (
  cardinality((SELECT maillage_held('{operator}'))) > 0);

ALTER TABLE channels_ledgerentry ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON channels_ledgerentry USING ((SELECT maillage_sees_everything()));
CREATE POLICY own ON channels_ledgerentry FOR SELECT USING (entered_by_id = (SELECT maillage_viewer()));
CREATE POLICY moderated ON channels_ledgerentry FOR SELECT USING (cardinality((SELECT maillage_moderates())) > 0);

ALTER TABLE channels_arrival ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON channels_arrival USING ((SELECT maillage_sees_everything()));

ALTER TABLE channels_dailysalt ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON channels_dailysalt USING ((SELECT maillage_sees_everything()));
"""
TABLES = {
    "channels_outboundmessage": ("everything", "operated"),
    "channels_ledgerentry": ("everything", "own", "moderated"),
    "channels_arrival": ("everything",),
    "channels_dailysalt": ("everything",),
}
BACKWARD = "".join(
    f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;\n" + "".join(f"DROP POLICY {one} ON {table};\n" for one in policies)
    for table, policies in TABLES.items()
)


class Migration(migrations.Migration):
    dependencies = [("channels", "0001_initial"), ("people", "0003_row_security")]
    operations = [migrations.RunSQL(FORWARD, reverse_sql=BACKWARD)]
