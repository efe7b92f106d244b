"""What goes into the ONNX graphs of the default model and what comes out."""

TOKENS, MASK, POOLED = "input_ids", "attention_mask", "pooled"
