"""The soak: real processes, killed again and again, over services that lose answers, while people edit both sides."""
