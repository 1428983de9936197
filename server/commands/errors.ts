/** The command was well formed and could not be done. */
export class CommandError extends Error {}

/** The command was not well formed, in a way that the options alone do not tell. */
export class UsageError extends Error {}
