"""Django's PostgreSQL engine, finding its server at each new connection (see `maillage.house.database`)."""
