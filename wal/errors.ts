import { dirname } from 'node:path';

/** Where in the log something is wrong. */
export interface LogPlace {
  /** Path of the file. */
  readonly file: string;
  /** Bytes from its start. */
  readonly offset: number;
}

/** Bytes that were durable have changed or gone. Nothing is repaired: acknowledged records may be among them. */
export class LogCorruptError extends Error implements LogPlace {
  readonly code = 'LOG_CORRUPT';
  readonly file: string;
  readonly offset: number;

  /** @param files the bad file and all later ones: without it, what they say cannot be applied either. */
  constructor(place: LogPlace, reason: string, files: readonly string[], options?: ErrorOptions) {
    // A folder of its own each time: the names of files may come again, and nothing must be written over.
    const folder = `${quote(`${dirname(place.file)}/quarantine-`)}$(date +%s)`;
    const command = `folder=${folder} && mkdir "$folder" && mv ${files.map(quote).join(' ')} "$folder"`;
    super(
      `The log is damaged in ${place.file} at byte ${place.offset}: ${reason}. ` +
        `Restore the file from a copy, or give up its records and all later ones with: ${command}`,
      options,
    );
    this.name = 'LogCorruptError';
    this.file = place.file;
    this.offset = place.offset;
  }
}

/** The log is whole, but a newer version of the program wrote it. */
export class LogVersionError extends Error implements LogPlace {
  readonly code = 'LOG_VERSION';
  readonly file: string;
  readonly offset: number;

  constructor(place: LogPlace, what: string) {
    super(
      `A newer version wrote ${place.file}: ${what} at byte ${place.offset}. Start that version, or a later one`,
    );
    this.name = 'LogVersionError';
    this.file = place.file;
    this.offset = place.offset;
  }
}

function quote(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
