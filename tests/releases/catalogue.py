"""The schema of a database as its catalogue tells it, in lines that can be compared."""

from __future__ import annotations

import re

from maillage.house.postgres_roles import Connection

# Kinds whose expressions PostgreSQL writes anew, with other brackets and casts, once they were dumped and restored.
_REWRITTEN = {"constraint", "index", "policy"}

_OURS = """
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = {0}.oid AND d.deptype = 'e')
"""
_RELATION = "c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')" + _OURS.format("c")
# Kind → a query of lines. Columns by name, not by place: a column added later stands elsewhere after a restore.
QUERIES = {
    "relation": f"""
        SELECT c.relname, c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity, c.relowner::regrole,
               c.reloptions, CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END
        FROM pg_class c WHERE {_RELATION}""",
    "column": f"""
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
               pg_get_expr(e.adbin, e.adrelid), CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation END
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
        WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind <> 'S' AND {_RELATION}""",
    # Those of "not null" have a name since PostgreSQL 18, told by the column already.
    "constraint": f"""
        SELECT c.relname, k.conname, pg_get_constraintdef(k.oid), k.convalidated, k.condeferrable, k.condeferred
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE k.contype <> 'n' AND {_RELATION}""",
    "index": f"""
        SELECT c.relname, pg_get_indexdef(i.indexrelid), i.indisvalid
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE {_RELATION}""",
    "policy": "SELECT tablename, policyname, permissive, roles, cmd, qual, with_check FROM pg_policies",
    "trigger": f"""
        SELECT c.relname, pg_get_triggerdef(t.oid), t.tgenabled
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND {_RELATION}""",
    "function": f"""
        SELECT p.oid::regprocedure::text, pg_get_functiondef(p.oid), p.proowner::regrole
        FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prokind IN ('f', 'p') {_OURS.format("p")}""",
    "type": f"""
        SELECT t.typname, t.typtype,
               (SELECT array_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)
        FROM pg_type t WHERE t.typnamespace = 'public'::regnamespace AND t.typtype IN ('e', 'd') {_OURS.format("t")}""",
    "sequence": """
        SELECT s.sequencename, s.data_type, s.start_value, s.increment_by, s.max_value, s.cycle, d.refobjid::regclass, d.deptype
        FROM pg_sequences s LEFT JOIN pg_depend d ON d.objid = (quote_ident(s.sequencename))::regclass AND d.deptype IN ('a', 'i')
        WHERE s.schemaname = 'public'""",
    "right": f"""
        SELECT c.relname, g.grantee::regrole, g.privilege_type, g.is_grantable
        FROM pg_class c, aclexplode(c.relacl) g WHERE {_RELATION}""",
    "right on a column": f"""
        SELECT c.relname, a.attname, g.grantee::regrole, g.privilege_type
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid, aclexplode(a.attacl) g WHERE {_RELATION}""",
    "right on a function": f"""
        SELECT p.oid::regprocedure::text, g.grantee, g.privilege_type
        FROM pg_proc p, aclexplode(p.proacl) g WHERE p.pronamespace = 'public'::regnamespace {_OURS.format("p")}""",
    "right to come": """
        SELECT d.defaclrole::regrole, d.defaclobjtype, g.grantee::regrole, g.privilege_type
        FROM pg_default_acl d, aclexplode(d.defaclacl) g""",
    "extension": "SELECT extname, extversion, extnamespace::regnamespace FROM pg_extension",
}


def catalogue(connection: Connection) -> set[str]:
    """One line for each thing of the schema; equal sets are equal schemas."""
    return {
        f"{kind}: " + " | ".join(_told(kind, str(value)) for value in row)
        for kind, query in QUERIES.items()
        for row in connection.execute(query.encode())
    }


def _told(kind: str, value: str) -> str:
    """Without brackets and casts, where these depend on whether it was written by a migration or by a restore."""
    return re.sub(r"::[a-z ]+(\(\d+\))?(\[\])?|[()]", "", value) if kind in _REWRITTEN else value
