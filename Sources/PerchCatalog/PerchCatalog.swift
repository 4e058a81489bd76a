// PerchCatalog
