// PerchCodec
