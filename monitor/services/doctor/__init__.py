"""Is this set-up fit to work, and if not, what is to be done?"""

from monitor.services.doctor.checks import CHECKS, examine
from monitor.services.doctor.finding import Finding, State

__all__ = ["CHECKS", "Finding", "State", "examine"]
