"""Results of other software, frozen beside the script that made them."""
