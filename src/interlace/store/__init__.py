"""What Interlace remembers, in SQLite or PostgreSQL."""
