// PerchSeries
