"""How tests from drawn examples run."""

from hypothesis import HealthCheck, settings

# How quickly an example is drawn or passes says how busy the machine is, nothing about what is tested.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
