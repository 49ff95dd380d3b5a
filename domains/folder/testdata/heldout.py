"""The images that TestFolderHeldOutIsPinned expects: PYTHONPATH=internal/stream python3 heldout.py"""
from stream import Stream

for name, images, take in ("ant", 5, 1), ("bee", 10, 2):
    print(name, sorted(Stream(0, "folder/test/" + name).permutation(images)[:take]))
