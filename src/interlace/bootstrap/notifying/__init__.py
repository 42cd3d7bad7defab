"""Tells people what concerns them: one message for each change of something that lasts, on a list and by e-mail."""
