"""The questions of the page, one file each: ``answer(asked, calls)`` gives a Section."""
