import pino, { type Logger } from 'pino';

export type { Logger };

/**
 * A logger that writes one line of JSON per entry to stdout, at once, so that a SIGKILL loses no line.
 * Of an error only type, message, code and stack are written: client libraries hang requests, with credentials
 * in them, on their errors.
 * @param name `web` or `worker`
 */
export function createLogger(name: string, level: string): Logger {
  return pino(
    {
      level,
      base: { process: name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describe },
    },
    pino.destination({ fd: 1, sync: true }),
  );
}

function describe(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = 'code' in error ? { code: error.code } : {};
  return { type: error.name, message: error.message, ...code, stack: error.stack };
}
