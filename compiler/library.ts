/**
 * Finds what `uses` names: a step of the library, a step folder of the project, or a pipeline. Reads
 * each file once. Unaware of what a definition is used for.
 */
import { dirname } from 'node:path/posix';
import type { Admission } from './admission.ts';
import { type FileKind, type ProjectFiles, projectPath } from './files.ts';
import { parseManifest } from './manifest.ts';
import { badDefaults } from './params.ts';
import { parsePipeline } from './pipeline.ts';
import { type Problem, report } from './problems/problem.ts';
import type { Spanned, Text, ValidManifest, ValidPipeline } from './syntax.ts';
import { nearestFolder, usablePath } from './usable-path.ts';

export type Definition =
  | {
      readonly kind: 'folder';
      /** `library:train` or `project:steps/crop`. */
      readonly folder: string;
      readonly manifest: ValidManifest;
    }
  | { readonly kind: 'pipeline'; readonly file: string; readonly pipeline: ValidPipeline }
  /** Not found or not readable, which has been reported: nothing about it is checked. */
  | { readonly kind: 'broken' };

type Reading = {
  readonly files: ProjectFiles;
  /** Takes what is found wrong. */
  readonly problems: Problem[];
  /** Takes the text of every file that was read. */
  readonly sources: Map<string, string>;
  /** Bytes that a file of the project may have, where it says so. */
  readonly fileBytes: number | undefined;
  readonly admits: Admission;
};

export class Library {
  readonly #reading: Reading;
  /** By `library:<step>` and `project:<folder>`. */
  readonly #manifests = new Map<string, Definition>();
  readonly #pipelines = new Map<string, ValidPipeline | undefined>();

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  define(uses: Text): Definition {
    return /^[./]|\/|\.ya?ml$/.test(uses.value) ? this.#byPath(uses) : this.#byName(uses);
  }

  /** A pipeline by its path; undefined when there is none to be read. */
  pipeline(file: string): ValidPipeline | undefined {
    const { files, problems, sources, fileBytes, admits } = this.#reading;
    if (this.#pipelines.has(file)) return this.#pipelines.get(file);
    const bytes = files.read(file);
    if (bytes === undefined || !admits(file, bytes)) return undefined;
    const { value, problems: found, text } = parsePipeline(file, bytes, fileBytes);
    sources.set(file, text);
    report(problems, found);
    this.#pipelines.set(file, value);
    return value;
  }

  #byName(uses: Text): Definition {
    const { files, problems } = this.#reading;
    const [, step = uses.value, wanted] = /^([^@]*)@(.*)$/.exec(uses.value) ?? [];
    const definition = this.#libraryStep(step);
    if (definition === undefined) {
      const name = { value: step, span: uses.part(0, step.length) };
      problems.push({ kind: 'unknown-library-step', name, known: files.librarySteps() });
      return BROKEN;
    }
    if (definition.kind !== 'folder' || wanted === undefined) return definition;
    const { version } = definition.manifest.manifest;
    if (satisfies(version, wanted)) return definition;
    problems.push({ kind: 'version-not-available', uses, step, wanted, version });
    return definition;
  }

  #libraryStep(step: string): Definition | undefined {
    const folder = `library:${step}`;
    const known = this.#manifests.get(folder);
    if (known !== undefined || !isStepName(step)) return known;
    const bytes = this.#reading.files.readLibrary(step, 'step.yaml');
    return bytes && this.#manifest(folder, `${folder}/step.yaml`, { bytes });
  }

  #byPath(uses: Text): Definition {
    const { files, problems } = this.#reading;
    // Whoever names the manifest means its folder.
    const path = projectPath(uses.value)?.replace(/\/step\.yaml$/, '');
    if (path === undefined) {
      const how = uses.value.startsWith('/') ? 'absolute' : 'climbs';
      problems.push({ kind: 'path-outside', path: uses, how, use: 'read' });
      return BROKEN;
    }
    const known = this.#manifests.get(`project:${path}`);
    if (known !== undefined) return known;
    const found = files.kind(path);
    if (found === 'file' && /\.ya?ml$/.test(path)) {
      const pipeline = this.pipeline(path);
      return pipeline === undefined ? BROKEN : { kind: 'pipeline', file: path, pipeline };
    }
    const bytes = found === 'dir' ? files.read(`${path}/step.yaml`) : undefined;
    if (bytes !== undefined) return this.#projectStep(path, bytes);
    problems.push(unusable(uses, path, found, files));
    return BROKEN;
  }

  #projectStep(path: string, bytes: Uint8Array): Definition {
    const file = `${path}/step.yaml`;
    if (!this.#reading.admits(file, bytes)) return BROKEN;
    const { fileBytes } = this.#reading;
    const definition = this.#manifest(`project:${path}`, file, { bytes, most: fileBytes });
    if (definition.kind === 'folder') checkIncludes(path, definition.manifest, this.#reading);
    return definition;
  }

  #manifest(
    folder: string,
    file: string,
    { bytes, most }: { readonly bytes: Uint8Array; readonly most?: number | undefined },
  ): Definition {
    const { problems, sources } = this.#reading;
    const { value: manifest, problems: found, text } = parseManifest(file, bytes, most);
    sources.set(file, text);
    report(problems, found);
    if (manifest !== undefined) report(problems, badDefaults(manifest));
    const definition: Definition =
      manifest === undefined ? BROKEN : { kind: 'folder', folder, manifest };
    this.#manifests.set(folder, definition);
    return definition;
  }
}

const BROKEN: Definition = { kind: 'broken' };

/** What a step of the project includes lies in the project, too. */
function checkIncludes(
  folder: string,
  { manifest: { includes }, places, span }: ValidManifest,
  { files, problems }: Reading,
): void {
  for (const include of includes) {
    const path = `${folder}/${include}`;
    const at = places.get(`includes.${include}`) ?? span;
    usablePath({ value: projectPath(path) ?? path, span: at }, files, problems);
  }
}

/** Says why there is no step at a path. */
function unusable(
  uses: Spanned<string>,
  path: string,
  found: FileKind,
  files: ProjectFiles,
): Problem {
  switch (found) {
    case 'outside':
      return { kind: 'path-outside', path: uses, how: 'link', use: 'read' };
    case 'dir':
    case 'file':
      return { kind: 'uses-no-manifest', path: uses, found };
    default: {
      const folder = nearestFolder(path, files);
      const known = files.list(folder).map(name => `./${folder === '' ? '' : `${folder}/`}${name}`);
      const elsewhere = [
        ...['.yaml', '.yml'].map(ending => path + ending),
        ...[dirname(uses.span.file), 'pipelines', 'steps'].map(place => `${place}/${path}`),
      ].find(place => files.kind(place) !== 'absent');
      const written = elsewhere && `./${elsewhere.replace(/^\.\//, '')}`;
      return { kind: 'uses-not-found', path: uses, known, elsewhere: written };
    }
  }
}

/** `1` takes every 1.x.y, `1.2` every 1.2.y. */
const satisfies = (version: string, wanted: string): boolean =>
  version === wanted || version.startsWith(`${wanted}.`);

const isStepName = (name: string): boolean => /^[a-z0-9][a-z0-9-]*$/.test(name);
