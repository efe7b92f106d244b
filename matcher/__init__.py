"""The domain: records, retrieval, reasons, cooperation. Knows nothing of Flask."""
