"""The results of `servers`, and the page that shows them."""
