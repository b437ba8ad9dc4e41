/**
 * Where things lie in a step's private working directory. The compiler puts these paths into
 * commands, the runner lays the files there; both read them from here, so that no command holds
 * an absolute path and the same step has the same command on every machine.
 */
import { extname } from 'node:path/posix';

/** The extension of what is wired survives, because many programs decide by it. */
export const inputPath = (port: string, origin: string): string => `in/${port}${extname(origin)}`;

/** One of a port declared as many: `in/shards/0007.csv`. */
export const manyInputPath = (port: string, index: number, origin: string): string =>
  `${manyInputFolder(port)}/${String(index).padStart(4, '0')}${extname(origin)}`;

export const manyInputFolder = (port: string): string => `in/${port}`;

/** Where an output is written unless its declaration names a path. */
export const defaultOutputPath = (port: string): string => `out/${port}`;

/** `SLUICE_PARAM_MAX_DEPTH` for `max-depth`: names in the environment. */
export const environmentName = (
  prefix: 'SLUICE_PARAM_' | 'SLUICE_IN_' | 'SLUICE_OUT_',
  name: string,
): string => prefix + name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
