"""The lab's own modules, for its tests."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "lab/attack"))

import attack
import readers
import steps

__all__ = ["ROOT", "attack", "readers", "steps"]
