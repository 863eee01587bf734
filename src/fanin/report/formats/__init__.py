"""One file or folder per format, each with `render(document, *, width, color, ascii) -> str`.

A format that shows some kinds of document only says so in `KINDS`.
"""
