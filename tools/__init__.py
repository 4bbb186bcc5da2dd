"""Tools of the repository: notebooks, site, JupyterLab. Not part of the installed package."""
