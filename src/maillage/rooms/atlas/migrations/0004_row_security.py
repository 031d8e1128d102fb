"""Suggestions, with the addresses for their answer, and what goes with them; contacts asked whether an entry is true.

See people 0003. Open to whoever decides on their territory, and to the holder of their code or of the key of their form. Who typed one for
somebody else reads it again.
"""

from django.db import migrations

FORWARD = """
ALTER TABLE atlas_suggestion ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON atlas_suggestion USING ((SELECT maillage_sees_everything()));
CREATE POLICY held_by_secret ON atlas_suggestion USING (
  code = (SELECT maillage_secret()) OR idempotency_key = (SELECT maillage_secret()));
CREATE POLICY moderated ON atlas_suggestion USING (
  cardinality((SELECT maillage_moderates())) > 0
  AND (cardinality(territories) = 0
       OR (SELECT maillage_moderates()) @> ARRAY['']
       OR territories::text[] && (SELECT maillage_moderates())));
CREATE POLICY typed ON atlas_suggestion FOR SELECT USING (entered_by_id = (SELECT maillage_viewer()));

ALTER TABLE atlas_suggestiondecision ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON atlas_suggestiondecision USING ((SELECT maillage_sees_everything()));
CREATE POLICY of_suggestion ON atlas_suggestiondecision USING (
  EXISTS (SELECT 1 FROM atlas_suggestion s WHERE s.id = atlas_suggestiondecision.suggestion_id));

ALTER TABLE atlas_suggestionvote ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON atlas_suggestionvote USING ((SELECT maillage_sees_everything()));

ALTER TABLE atlas_suggestiondraft ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON atlas_suggestiondraft USING ((SELECT maillage_sees_everything()));
CREATE POLICY held_by_secret ON atlas_suggestiondraft USING (secret = (SELECT maillage_secret()));

ALTER TABLE atlas_freshnessrequest ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON atlas_freshnessrequest USING ((SELECT maillage_sees_everything()));
CREATE POLICY of_round ON atlas_freshnessrequest USING (
  cardinality((SELECT maillage_held('{helper,moderator,manager,operator}'))) > 0
  AND EXISTS (SELECT 1 FROM atlas_freshnessround r WHERE r.id = round_id AND (
    (SELECT maillage_moderates()) @> ARRAY[''] OR r.territories::text[] && (SELECT maillage_moderates())
    OR (r.way = 'phone' AND ((SELECT maillage_held('{helper}')) @> ARRAY['']
                             OR r.territories::text[] && (SELECT maillage_held('{helper}')))))));
"""
TABLES = {
    "atlas_suggestion": ("everything", "held_by_secret", "moderated", "typed"),
    "atlas_suggestiondecision": ("everything", "of_suggestion"),
    "atlas_suggestionvote": ("everything",),
    "atlas_suggestiondraft": ("everything", "held_by_secret"),
    "atlas_freshnessrequest": ("everything", "of_round"),
}
BACKWARD = "".join(
    f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;\n" + "".join(f"DROP POLICY {one} ON {table};\n" for one in policies)
    for table, policies in TABLES.items()
)


class Migration(migrations.Migration):
    dependencies = [("atlas", "0003_duplicates"), ("people", "0003_row_security")]
    operations = [migrations.RunSQL(FORWARD, reverse_sql=BACKWARD)]
