"""Documentation; `shots` makes its pictures from the running demo."""
