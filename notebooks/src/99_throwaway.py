# ---
# jupyter:
#   kernelspec:
#     display_name: foo
#     name: foo
#     language: python
# ---
# %% [markdown]
# # A throwaway
#
# First paragraph about $S(t)=\prod (1-d/n)$, with 流失率.

# %%
import matplotlib.pyplot as plt

# %% tags=["figure"]
plt.plot([1, 2, 3]);

# %%
1 / 3

# %%
1 / 3

# %%
print("流失率")
import ipywidgets
ipywidgets.interact(lambda x: x, x=(1, 5));

# %% [markdown]
# ## Exercises

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
0.15
