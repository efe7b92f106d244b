"""Text in, ids and scores out: encoders, vector search, segmentation, fusion. Knows nothing of the domain."""
