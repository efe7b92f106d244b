"""Makes what ships: the tuned weights of the default model, the judged pairs as features, the ranker."""
