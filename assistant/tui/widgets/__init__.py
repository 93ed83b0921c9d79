"""The pieces a screen is made of, each with its own style beside it."""
