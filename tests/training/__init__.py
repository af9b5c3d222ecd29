"""Tests of dags/training. Run from the repository root with PYTHONPATH=dags."""
