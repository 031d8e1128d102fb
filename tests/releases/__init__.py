"""What each release leaves for the tests: its database with a little life in it, and the digest of each migration."""
