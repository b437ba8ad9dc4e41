/**
 * The ingest step: chooses how the source is read, and leaves a dataset, a report and what was set
 * aside. Unaware of how rows and files are judged.
 */
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { COLUMN_TYPES, type ColumnType } from '../sdk/columns.ts';
import { runStep, type Step, StepError } from '../sdk/step.ts';
import { checkedUrl, download } from './download.ts';
import { ingestTable, type TableFile } from './ingest-table.ts';
import { ingestTree } from './ingest-tree.ts';
import { openQuarantine, type Quarantine } from './quarantine.ts';
import { type IngestFacts, ingestReport } from './report.ts';
import type { TableRules } from './table.ts';
import { filesBelow } from './tree.ts';

const TABLES = ['.csv', '.tsv', '.tab', '.txt'];
const IMAGES = ['.png', '.jpg', '.jpeg', '.webp', '.gif', '.tif', '.tiff', '.avif', '.bmp'];
/** More classes than this are numbers or names, not classes. */
const MAX_CLASSES = 50_000;

await runStep(async step => {
  const origin = await originOf(step);
  const quarantine = openQuarantine(
    step.output('quarantined'),
    step.param<string>('on-bad-row') === 'error',
  );
  const facts = await ingest(step, origin, quarantine);
  quarantine.close(facts.read, step.param<number>('max-quarantined'));
  if (origin.downloaded) rmSync(dirname(origin.path), { recursive: true });
  judgeResult(step, facts);
  writeFileSync(step.output('report'), ingestReport(facts));
});

type Origin = {
  readonly path: string;
  /** `sha256:…` */
  readonly digest: string | null;
  readonly downloaded: boolean;
};

async function originOf(step: Step): Promise<Origin> {
  const url = step.param<string>('url');
  const ports = ['source', 'folder'].filter(port => step.optionalInput(port) !== undefined);
  const [port] = ports;
  if (ports.length + (url === '' ? 0 : 1) !== 1) {
    throw new StepError(
      ports.length === 0 && url === ''
        ? 'there is nothing to take in'
        : 'there is more than one source',
      'exactly one of `in: { source: ./file.csv }`, `in: { folder: ./images }` and `with: { url: … }`',
    );
  }
  if (port !== undefined) {
    const digest = step.inputDigest(port);
    return {
      path: step.input(port),
      digest: digest === '' ? null : `sha256:${digest.replace(/^.*:/, '')}`,
      downloaded: false,
    };
  }
  const sha256 = step.param<string>('sha256');
  const name = basename(checkedUrl(url, sha256).pathname) || 'download';
  const path = join('download', name);
  mkdirSync(dirname(path), { recursive: true });
  await download(
    {
      url,
      sha256,
      maxBytes: step.param('max-bytes'),
      timeoutMs: step.param<number>('timeout-seconds') * 1000,
      onProgress: share => step.progress(share / 2, 'downloading'),
    },
    path,
  );
  return { path, digest: `sha256:${sha256}`, downloaded: true };
}

function ingest(step: Step, origin: Origin, quarantine: Quarantine): Promise<IngestFacts> {
  const isFolder = statSync(origin.path).isDirectory();
  const format = formatOf(step.param('format'), origin.path, isFolder);
  const label = step.param<string>('label') || undefined;
  const into = step.output('data');
  const source = origin.digest;
  if (format === 'images' || format === 'files') {
    const { paths, hidden } = isFolder
      ? filesBelow(origin.path)
      : { paths: [basename(origin.path)], hidden: [] };
    return ingestTree({
      root: isFolder ? origin.path : dirname(origin.path),
      paths,
      hidden: hidden.length,
      images: format === 'images',
      label,
      into,
      quarantine,
      source,
      onFile: share => step.progress(share, 'reading files'),
    });
  }
  const delimiter = step.param<string>('delimiter') || (format === 'tsv' ? '\t' : undefined);
  return ingestTable({
    files: isFolder ? tablesIn(origin.path) : [{ path: origin.path, name: basename(origin.path) }],
    rules: tableRules(step, label),
    encoding: step.param('encoding'),
    delimiter: singleCharacter('delimiter', delimiter),
    quote: singleCharacter('quote', step.param<string>('quote') || undefined),
    into,
    quarantine,
    source,
    onProgress: (share, rows) => step.progress(share, `${rows} rows`),
  });
}

function formatOf(asked: string, path: string, isFolder: boolean): string {
  if (asked !== 'auto') return asked;
  const names = isFolder ? filesBelow(path).paths : [path];
  const among = (extensions: readonly string[]) =>
    names.filter(name => extensions.includes(extname(name).toLowerCase())).length;
  if (names.length > 0 && among(IMAGES) * 2 > names.length) return 'images';
  if (names.length > 0 && among(TABLES) === names.length) {
    return among(['.tsv', '.tab']) === names.length ? 'tsv' : 'csv';
  }
  throw new StepError(
    `file names do not tell what \`${basename(path)}\` is`,
    '`format:` says it: csv, tsv, images or files',
  );
}

function tablesIn(folder: string): readonly TableFile[] {
  const files = filesBelow(folder).paths.map(name => ({ path: join(folder, name), name }));
  if (files.length === 0) throw new StepError('the folder holds no file');
  return files;
}

function tableRules(step: Step, label: string | undefined): TableRules {
  const types = Object.entries(step.param<Record<string, string>>('types')).map(([name, type]) => {
    const known = COLUMN_TYPES.find(candidate => candidate === type);
    if (known === undefined) {
      throw new StepError(
        `\`types\` declares \`${name}\` as \`${type}\``,
        `a column is ${COLUMN_TYPES.join(', ')}`,
      );
    }
    return [name, known] as const satisfies readonly [string, ColumnType];
  });
  return {
    header: step.param('header'),
    columns: step.param('columns'),
    rename: step.param('rename'),
    types: Object.fromEntries(types),
    missing: step.param('missing'),
    trim: step.param('trim'),
    onMissing: step.param('on-missing'),
    duplicates: step.param('duplicates'),
    label,
  };
}

function singleCharacter(name: string, value: string | undefined): string | undefined {
  if (value === undefined || value.length === 1) return value;
  throw new StepError(`\`${name}\` is \`${value}\`, and it has to be one character`);
}

/** What is there but cannot be meant. */
function judgeResult(step: Step, facts: IngestFacts): void {
  const { meta, quarantined, unit, read } = facts;
  if (meta.rows === 0) throw new StepError(`the source has no ${unit} to take in`);
  if (quarantined > 0) step.warn(`${quarantined} of ${read} ${unit} set aside: see the report`);
  for (const warning of facts.warnings) step.warn(warning);
  const { label, classes } = meta;
  if (label === null) return;
  if (classes.length > MAX_CLASSES) {
    throw new StepError(
      `the label \`${label}\` has ${classes.length} different values`,
      'a label is a class; for a number to predict, make ranges of it in a step before this one',
    );
  }
  if (classes.length === 1)
    step.warn(`every label is \`${classes[0]}\`: there is nothing to tell apart`);
  else if (classes.length * 2 > meta.rows && meta.rows > 100) {
    step.warn(`the label \`${label}\` has ${classes.length} classes in ${meta.rows} ${unit}`);
  }
}
