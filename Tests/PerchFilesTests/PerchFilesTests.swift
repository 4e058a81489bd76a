// PerchFilesTests: the contract of the file seam, the data folder, and the log under every crash.
