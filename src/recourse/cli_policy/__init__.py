"""The commands about the policy of remedies: check a file, try it on past cases."""

from recourse.cli_policy.command import policy_app

__all__ = ["policy_app"]
