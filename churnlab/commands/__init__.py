"""What each command of ``churnlab`` does: a module for each, with ``run(options) -> exit code``."""
