"""Files that are read while they are written."""


def write(path, text, mode=0o644):
    """Replaces the file in one step: a reader sees the old text or the new one, never a part."""
    part = path.with_name(path.name + ".part")
    part.touch(mode=mode)
    part.write_text(text, encoding="utf-8")
    part.rename(path)
