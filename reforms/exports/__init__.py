"""Long files: ordered on a page, made by the worker, fetched by whoever ordered them."""
