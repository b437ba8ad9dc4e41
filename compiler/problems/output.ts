/**
 * What can be wrong with the places that steps write to, in the working directory and in the
 * project. Unaware of how a place is computed.
 */
import type { Diagnostic, Span } from '../../schema/diagnostic.ts';
import { LIMITS } from '../limits.ts';
import { visible } from './name-words.ts';
import { brief, count, unicode, type Words } from './words.ts';

export type OutputProblems = {
  'output-collision': Two;
  'output-overlap': Two & { readonly inner: string };
  'output-overwrites-input': Place & {
    readonly input: Span;
    readonly producer: string;
  };
  'output-protected': Place & {
    readonly owner: 'git' | 'sluice' | 'secrets' | 'pipeline' | 'project' | 'workdir';
  };
  'output-in-inputs': { readonly path: string; readonly at: Span };
  'output-unreadable': { readonly path: string; readonly at: Span; readonly codePoint: number };
  'output-too-deep': { readonly at: Span };
  'output-too-long': { readonly at: Span; readonly name: string; readonly bytes: number };
};

type Place = {
  readonly path: string;
  readonly at: Span;
  /** How the author wrote it, where a link in it leads to `path`. */
  readonly written?: string | undefined;
};

type Two = {
  readonly path: string;
  readonly at: Span;
  readonly first: Span;
  /** `train.model`, `eval.report`; with their addresses for two instances of one step. */
  readonly writers: readonly [string, string];
  readonly place: 'project' | 'workdir';
  /** Axes of the matrix whose instances collide. */
  readonly axes: readonly string[];
};

/** Two instances of one step write at one place of the text. */
const elsewhere = (at: Span, first: Span, message: string): Diagnostic['related'] =>
  at.file === first.file && at.start === first.start ? [] : [{ at: first, message }];

export const outputWords: {
  readonly [K in keyof OutputProblems]: (problem: OutputProblems[K]) => Words;
} = {
  'output-collision': ({ path, at, first, writers, axes }) =>
    axes.length > 0
      ? {
          at,
          message: `every instance of the matrix writes \`${path}\`; whichever ran last would decide its contents`,
          help: `put an axis into the path: \`\${{ matrix.${axes[0]} }}\``,
        }
      : {
          at,
          message: `\`${writers[0]}\` and \`${writers[1]}\` both write \`${path}\``,
          related: elsewhere(at, first, 'also written here'),
          help: 'give each a place of its own',
        },
  'output-overlap': ({ path, inner, at, first, writers }) => ({
    at,
    message: `\`${inner}\` lies inside \`${path}\`: \`${writers[0]}\` and \`${writers[1]}\` would overwrite each other`,
    related: elsewhere(at, first, 'the other is here'),
    help: 'give each a place of its own, side by side',
  }),
  'output-overwrites-input': ({ path, at, written, input, producer }) => ({
    at,
    message: `this would overwrite ${named(path, written)}, which the pipeline reads as an input`,
    related: [{ at: input, message: 'read here' }],
    help: `choose another place; to use the result, wire \`${producer}\` instead of the path`,
  }),
  'output-protected': ({ path, at, written, owner }) => ({
    at,
    message: `no step may write ${named(path, written)}: ${OWNERS[owner]}`,
    help: 'choose a place of its own, such as `reports/` or `models/`',
  }),
  'output-in-inputs': ({ path, at }) => ({
    at,
    message: `\`${path}\` is where the inputs lie, and inputs cannot be written`,
    help: 'write below `out/`, or anywhere else in the working directory',
  }),
  'output-unreadable': ({ path, at, codePoint }) => ({
    at,
    message: `\`${visible(path)}\` holds a character that cannot be seen (${unicode(codePoint)})`,
    help: 'take it out: whoever lists the file or passes its name on would be misled',
  }),
  'output-too-deep': ({ at }) => ({
    at,
    message: `this output would lie more than ${LIMITS.folders} folders deep`,
    help: 'join the names of the folders: `lr-1/fold-2` can be `lr-1-fold-2`',
  }),
  'output-too-long': ({ at, name, bytes }) => ({
    at,
    message: `the name \`${brief(visible(name))}\` has ${count(bytes, 'byte')}, and file systems take ${LIMITS.fileName}`,
    help: 'choose a shorter one; folders may divide it: `reports/lr-1/fold-2.json`',
  }),
};

const named = (path: string, written: string | undefined): string =>
  written === undefined ? `\`${path}\`` : `\`${written}\` (through a link: \`${path}\`)`;

const OWNERS = {
  git: 'it belongs to git',
  sluice: 'it belongs to Sluice',
  secrets: 'secrets are read from it, and what stood there would be lost',
  pipeline: 'it is the pipeline itself, or one of the files it is made of',
  project: 'it is the whole project',
  workdir: 'it is the whole working directory',
} as const;
