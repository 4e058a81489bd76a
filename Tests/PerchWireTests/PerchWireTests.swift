// PerchWireTests
