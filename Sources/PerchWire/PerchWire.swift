// PerchWire
