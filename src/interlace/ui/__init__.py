"""Components and style of server-rendered pages, shared by the web client and the sandboxes' pages.

Everything here is a pure function from values to markup. Nothing needs a script: no component carries an
inline script or style, so a page can be served under the strict policy of `headers`.
"""
