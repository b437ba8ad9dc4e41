/**
 * What an author sees while typing: the language server that editors run, over stdio, with the
 * modeline that our pipelines begin with.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LIBRARY_STEPS } from './pipeline.ts';

type Diagnostics = {
  readonly uri: string;
  readonly diagnostics: readonly { readonly message: string }[];
};

type Answer = {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: Diagnostics;
  readonly result?: unknown;
};

const require = createRequire(import.meta.url);
let server: ChildProcess;
const waiting = new Map<number, (result: unknown) => void>();
const judged = new Map<string, (messages: readonly string[]) => void>();
let last = 0;

const send = (message: object): void => {
  const body = JSON.stringify({ jsonrpc: '2.0', ...message });
  server.stdin?.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
};

const request = (method: string, params: object): Promise<unknown> =>
  new Promise(resolve => {
    last += 1;
    waiting.set(last, resolve);
    send({ id: last, method, params });
  });

const nextDiagnostics = (uri: string): Promise<readonly string[]> =>
  new Promise(resolve => {
    judged.set(uri, resolve);
  });

/** Whole messages are taken off the front of what has arrived; the rest is handed back. */
function take(arrived: Buffer): Buffer {
  let rest = arrived;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    const length = Number(/Content-Length: (\d+)/i.exec(rest.toString('latin1', 0, end))?.[1]);
    if (end === -1 || rest.length < end + 4 + length) return rest;
    receive(JSON.parse(rest.toString('utf8', end + 4, end + 4 + length)));
    rest = rest.subarray(end + 4 + length);
  }
}

function receive({ id, method, params, result }: Answer): void {
  if (method === undefined) waiting.get(Number(id))?.(result);
  else if (method === 'textDocument/publishDiagnostics' && params !== undefined)
    judged.get(params.uri)?.(params.diagnostics.map(({ message }) => message));
  // The server asks for its settings, and wants to register what it can do.
  else if (id !== undefined)
    send({ id, result: method === 'workspace/configuration' ? [{}, {}, {}, {}, {}, {}] : null });
}

beforeAll(async () => {
  const main = require.resolve('yaml-language-server/bin/yaml-language-server');
  server = spawn(process.execPath, [main, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let arrived: Buffer = Buffer.alloc(0);
  server.stdout?.on('data', (chunk: Buffer) => {
    arrived = take(Buffer.concat([arrived, chunk]));
  });
  await request('initialize', { processId: process.pid, rootUri: null, capabilities: {} });
  send({ method: 'initialized', params: {} });
});

afterAll(() => {
  server.kill();
});

const MODELINE = '# yaml-language-server: $schema=../schema/pipeline.schema.json\n';

const uriOf = (name: string): string =>
  pathToFileURL(`${import.meta.dirname}/../../pipelines/${name}.yaml`).href;

function open(name: string, text: string): void {
  const textDocument = { uri: uriOf(name), languageId: 'yaml', version: 1, text };
  send({ method: 'textDocument/didOpen', params: { textDocument } });
}

/** The labels offered where `|` stands in a pipeline of this repository. */
async function offered(name: string, marked: string): Promise<readonly string[]> {
  const text = MODELINE + marked;
  const before = text.slice(0, text.indexOf('|')).split('\n');
  open(name, text.replace('|', ''));
  const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  const result = await request('textDocument/completion', {
    textDocument: { uri: uriOf(name) },
    position,
  });
  return labelsOf(result);
}

function labelsOf(result: unknown): readonly string[] {
  const found = typeof result === 'object' && result !== null && 'items' in result;
  const items: unknown = found ? result.items : result;
  if (!Array.isArray(items)) throw new Error(`no list of completions: ${JSON.stringify(result)}`);
  return items.map((item: { readonly label: string }) => item.label);
}

const HEAD = 'sluice: 1\nname: x\nsteps:\n  a:\n';

describe('an editor completes', () => {
  test.each<[what: string, marked: string, wanted: readonly string[]]>([
    ['the keys of a pipeline', 'sluice: 1\n|\n', ['params', 'env', 'defaults', 'steps', 'outputs']],
    [
      'the keys of a step',
      `${HEAD}    |\n`,
      ['uses', 'run', 'in', 'with', 'files', 'out', 'needs', 'if', 'matrix', 'resources'],
    ],
    [
      'the keys of a step that has some',
      `${HEAD}    uses: train\n    |\n`,
      ['in', 'with', 'retries'],
    ],
    ['the library behind `uses`', `${HEAD}    uses: |\n`, LIBRARY_STEPS],
    [
      'resources',
      `${HEAD}    run: x\n    resources:\n      |\n`,
      ['cpus', 'memory', 'gpus', 'shm'],
    ],
    ['kinds', `${HEAD}    run: x\n    kind: |\n`, ['pure', 'source', 'effect']],
    ['types', `${HEAD}    run: x\n    out:\n      y: |\n`, ['file', 'metrics', 'model/onnx']],
    ['types of parameters', 'sluice: 1\nparams:\n  x:\n    type: |\n', ['int', 'duration', 'path']],
  ])('%s', async (what, marked, wanted) => {
    expect(await offered(what.replace(/\W/g, '-'), marked)).toEqual(
      expect.arrayContaining([...wanted]),
    );
  });
});

describe('an editor underlines', () => {
  const digits = readFileSync(new URL('../../pipelines/digits.yaml', import.meta.url), 'utf8');
  const faults = async (name: string, text: string): Promise<readonly string[]> => {
    const found = nextDiagnostics(uriOf(name));
    open(name, text);
    return found;
  };

  test('nothing in a sound pipeline', async () => {
    expect(await faults('sound', digits)).toEqual([]);
  });

  test('a text of another form, in words', async () => {
    const [fault] = await faults('form', digits.replace('memory: 1GiB', 'memory: 8Gi'));
    expect(fault).toMatch(/^A size is a number and its unit/);
  });

  test('a key that is misspelt', async () => {
    const [fault] = await faults('misspelt', digits.replace('steps:', 'stpes:'));
    expect(fault).toMatch(/steps|stpes/);
  });
});
