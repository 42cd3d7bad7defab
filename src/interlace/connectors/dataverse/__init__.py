"""Dataverse: entity sets, bulk messages, delta links and option sets as tables."""
