/**
 * The JSON Schemas that editors check a project's files with, in its `.sluice/schema/`, and the line
 * in a file that names one. Unaware of what they say.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installation } from './project.ts';

export const SCHEMAS = ['pipeline', 'step', 'config', 'settings'] as const;

export const schemaText = (name: (typeof SCHEMAS)[number]): string =>
  readFileSync(join(installation(), 'schema', `${name}.schema.json`), 'utf8');

/** `home`: absolute `.sluice`. */
export function writeSchemas(home: string): void {
  const folder = join(home, 'schema');
  mkdirSync(folder, { recursive: true });
  for (const name of SCHEMAS) writeFileSync(join(folder, `${name}.schema.json`), schemaText(name));
}

/** In a fresh clone they are not there, because `.sluice` is not in it; a run brings it back, and them. */
export function restoreSchemas(home: string): void {
  if (existsSync(join(home, 'schema'))) return;
  try {
    writeSchemas(home);
  } catch {
    // Only editors miss them: that is no reason not to run.
  }
}

/** The text with its line for editors leading to the schemas of the project that it is put into. */
export function withOwnSchema(path: string, text: string): string {
  const up = '../'.repeat(path.split('/').length - 1) || './';
  return text.replace(
    /^(# yaml-language-server: \$schema=)\S*\/(\w+\.schema\.json)$/m,
    (_, line: string, name: string) => `${line}${up}.sluice/schema/${name}`,
  );
}
