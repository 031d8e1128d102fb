"""The log of changes, and the trigger function that a layer puts on its tables.

Written as SQL: xid8, the type of a transaction's number that never wraps around, has no field in Django.
"""

from django.db import migrations

FORWARD = """
CREATE TABLE readmodel_change (
    layer text NOT NULL,
    object_id bigint,
    txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE readmodel_change IS 'What changed in which transaction; object_id null means everything';
CREATE INDEX readmodel_change_txid ON readmodel_change (layer, txid);

CREATE TABLE readmodel_floor (layer text PRIMARY KEY, removed xid8 NOT NULL);
COMMENT ON TABLE readmodel_floor IS 'No change with a greater transaction number was ever forgotten';

-- Arguments: the layer, the column that names the object, and optionally which rows are of the layer.
CREATE FUNCTION readmodel_note() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    which text := CASE WHEN TG_NARGS > 2 THEN TG_ARGV[2] ELSE 'true' END;
    source text;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO readmodel_change (layer, object_id) VALUES (TG_ARGV[0], NULL);
        RETURN NULL;
    END IF;
    source := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT * FROM new_rows'
        WHEN 'DELETE' THEN 'SELECT * FROM old_rows'
        ELSE 'SELECT * FROM new_rows UNION ALL SELECT * FROM old_rows' END;
    EXECUTE format('INSERT INTO readmodel_change (layer, object_id) SELECT DISTINCT %L, %I FROM (%s) AS rows WHERE %s',
                   TG_ARGV[0], TG_ARGV[1], source, which);
    RETURN NULL;
END $body$;

CREATE FUNCTION readmodel_watch(layer text, watched regclass, object_column text, which text DEFAULT 'true')
RETURNS void LANGUAGE plpgsql AS $body$
DECLARE
    arguments text := format('(%L, %L, %L)', layer, object_column, which);
BEGIN
    EXECUTE format('CREATE TRIGGER readmodel_inserted AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION readmodel_note%s', watched, arguments);
    EXECUTE format('CREATE TRIGGER readmodel_updated AFTER UPDATE ON %s REFERENCING OLD TABLE AS old_rows NEW TABLE AS '
                   'new_rows FOR EACH STATEMENT EXECUTE FUNCTION readmodel_note%s', watched, arguments);
    EXECUTE format('CREATE TRIGGER readmodel_deleted AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION readmodel_note%s', watched, arguments);
    EXECUTE format('CREATE TRIGGER readmodel_emptied AFTER TRUNCATE ON %s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION readmodel_note%s', watched, arguments);
END $body$;

CREATE FUNCTION readmodel_unwatch(watched regclass) RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    EXECUTE format('DROP TRIGGER IF EXISTS readmodel_inserted ON %s', watched);
    EXECUTE format('DROP TRIGGER IF EXISTS readmodel_updated ON %s', watched);
    EXECUTE format('DROP TRIGGER IF EXISTS readmodel_deleted ON %s', watched);
    EXECUTE format('DROP TRIGGER IF EXISTS readmodel_emptied ON %s', watched);
END $body$;
"""

BACKWARD = """
DROP FUNCTION readmodel_unwatch(regclass);
DROP FUNCTION readmodel_watch(text, regclass, text, text);
DROP FUNCTION readmodel_note();
DROP TABLE readmodel_floor;
DROP TABLE readmodel_change;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [migrations.RunSQL(FORWARD, reverse_sql=BACKWARD)]
