"""What `dev.py` is made of. This folder knows the machine, never the business."""
