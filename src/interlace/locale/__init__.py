"""The languages: which there are, their catalogues, and the mark of texts that are translated where they are shown.

The lowest layer: any other may mark its texts; only `interlace.ui.words` and what stands above it shows them.
"""
