"""Plain computations of the reliefs: no table is read here, so that they are tested fast and reused by the report."""
