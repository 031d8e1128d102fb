"""Whose rows the application role may see: persons, roles, what signs in, sessions. Said by `core/engine/sight.py`.

The owner of the tables, who migrates and saves, is not bound. A setting that was never given shows nobody's rows.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION maillage_sees_everything() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(current_setting('maillage.sight', true), '') = 'everything'
$$;
CREATE FUNCTION maillage_viewer() RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT nullif(current_setting('maillage.viewer', true), '')::bigint
$$;
CREATE FUNCTION maillage_secret() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT nullif(current_setting('maillage.secret', true), '')
$$;
-- Territories ("" is everywhere) where the viewer holds one of these roles now. As the owner: the roles of the viewer decide
-- whose roles are seen.
CREATE FUNCTION maillage_held(wanted text[]) RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(array_agg(m.territory_code::text), '{}'::text[])
  FROM people_membership m JOIN people_person p ON p.id = m.person_id
  WHERE m.person_id = maillage_viewer() AND m.ended_at IS NULL AND p.is_active AND m.role::text = ANY (wanted)
$$;
CREATE FUNCTION maillage_moderates() RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT maillage_held('{moderator,manager,operator}')
$$;
CREATE FUNCTION maillage_administers() RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT maillage_held('{manager,operator}')
$$;
"""

# Read: oneself; colleagues, for those who decide; everybody, for who gives roles everywhere.
PERSONS = """
ALTER TABLE people_person ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON people_person USING ((SELECT maillage_sees_everything()));
CREATE POLICY own ON people_person FOR SELECT USING (id = (SELECT maillage_viewer()));
CREATE POLICY colleagues ON people_person FOR SELECT USING (
  cardinality((SELECT maillage_moderates())) > 0
  AND EXISTS (SELECT 1 FROM people_membership m WHERE m.person_id = people_person.id));
CREATE POLICY administered ON people_person FOR SELECT USING ((SELECT maillage_administers()) @> ARRAY['']);

ALTER TABLE people_membership ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON people_membership USING ((SELECT maillage_sees_everything()));
CREATE POLICY own ON people_membership FOR SELECT USING (person_id = (SELECT maillage_viewer()));
CREATE POLICY colleagues ON people_membership FOR SELECT USING (cardinality((SELECT maillage_moderates())) > 0);
"""

SIGNING_IN = """
ALTER TABLE people_signincode ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON people_signincode USING ((SELECT maillage_sees_everything()));

ALTER TABLE people_recoverycode ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON people_recoverycode USING ((SELECT maillage_sees_everything()));
CREATE POLICY own ON people_recoverycode FOR SELECT USING (person_id = (SELECT maillage_viewer()));

ALTER TABLE people_secondfactor ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON people_secondfactor USING ((SELECT maillage_sees_everything()));
CREATE POLICY own ON people_secondfactor FOR SELECT USING (person_id = (SELECT maillage_viewer()));
CREATE POLICY administered ON people_secondfactor FOR SELECT USING (cardinality((SELECT maillage_administers())) > 0);

ALTER TABLE people_device ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON people_device USING ((SELECT maillage_sees_everything()));
CREATE POLICY own ON people_device FOR SELECT USING (person_id = (SELECT maillage_viewer()));

ALTER TABLE django_session ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON django_session USING ((SELECT maillage_sees_everything()));
"""

TABLES = {
    "people_person": ("everything", "own", "colleagues", "administered"),
    "people_membership": ("everything", "own", "colleagues"),
    "people_signincode": ("everything",),
    "people_recoverycode": ("everything", "own"),
    "people_secondfactor": ("everything", "own", "administered"),
    "people_device": ("everything", "own"),
    "django_session": ("everything",),
}
BACKWARD = "".join(
    f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;\n" + "".join(f"DROP POLICY {one} ON {table};\n" for one in policies)
    for table, policies in TABLES.items()
) + """
DROP FUNCTION maillage_administers(), maillage_moderates(), maillage_held(text[]), maillage_secret(), maillage_viewer(),
  maillage_sees_everything();
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0002_second_factor_and_devices"), ("sessions", "0001_initial")]
    operations = [migrations.RunSQL(FUNCTIONS + PERSONS + SIGNING_IN, reverse_sql=BACKWARD)]
