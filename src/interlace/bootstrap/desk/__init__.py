"""What carries the declared operations out: one module an area, put together by `opened`."""
