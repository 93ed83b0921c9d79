"""Pretrained models: the only room that knows torch and transformers."""
