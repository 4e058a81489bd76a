// PerchCommand: the executable `perch`.
//
// It reads the command line and calls PerchServer; nothing else lives here. Main lists the
// subcommands, one file each.
