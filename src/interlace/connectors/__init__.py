"""The two services behind one Table port; http is the only module that opens a socket."""
