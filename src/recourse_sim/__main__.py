"""Run the simulator: ``python -m recourse_sim``."""

from recourse_sim.cli import main

main()
