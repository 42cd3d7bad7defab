"""Schedules in one thread and virtual time: the real engine, store and connectors against both embedded services."""
