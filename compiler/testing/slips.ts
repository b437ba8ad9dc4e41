/**
 * For tests: a document with a slip in it, as an author makes them. Unaware of what the document is.
 */
import fc from 'fast-check';

export type Tree = unknown;

/** What an author's slip may put in the place of a value. */
const values = fc.constantFrom<Tree>(
  null,
  true,
  false,
  0,
  1,
  -1,
  2.5,
  101,
  '',
  'x',
  'Bad_Name',
  '2h',
  '0s',
  '8GiB',
  '8Gi',
  '${{ params.a }}',
  'dataset/table',
  'dataset@split',
  'model/onnx',
  'labelled',
  'train',
  'pure',
  'effect',
  'source',
  'int',
  'receipt',
  'a b',
  ' ',
  'in',
  'in/x',
  '.',
  './',
  '~/x',
  '.git/x',
  '1.0.0',
  '../x',
  '/x',
  'C:\\x',
  'a/b',
  'x\ny',
  'a@1',
  'ingest@',
  'ingest@x',
  '@1',
  'a.yaml',
  'take.data',
  'take.',
  'take[*].data',
  'take[].data',
  'Img:Tag',
  'img:Tag',
  'a@sha256:0',
  '0GiB',
  '1h2d',
  '${{ params.a',
  [],
  {},
  [1],
  ['x'],
  [''],
  [null],
  [{}],
  ['../x'],
  ['${{ params.a }}'],
  { x: 1 },
  { x: [] },
  { include: [] },
  { exclude: [{ x: 1 }] },
  { run: 'x' },
  { max: 1 },
  { image: 'x' },
  { type: 'file' },
  { like: 'a' },
  { default: 1 },
  { required: true, type: 'int' },
);
const keys = fc.constantFrom(
  'x',
  'Bad',
  '',
  'a:b',
  'in',
  'steps',
  'uses',
  'run',
  'with',
  'type',
  'state',
  'kind',
  'probe',
  'check',
  'default',
  'required',
  'SLUICE_X',
  'include',
  'constructor',
  '__proto__',
  'toString',
);

/** One slip somewhere: a value replaced, a key added, taken away or renamed. */
function slipAt(
  tree: Tree,
  path: readonly number[],
  change: 'replace' | 'add' | 'drop' | 'rename',
  key: string,
  value: Tree,
): Tree {
  const [step, ...rest] = path;
  if (typeof tree !== 'object' || tree === null) return value;
  const entries: [string, Tree][] = Object.entries(tree);
  const rebuild = (changed: readonly (readonly [string, Tree])[]): Tree =>
    Array.isArray(tree) ? changed.map(entry => entry[1]) : Object.fromEntries(changed);
  if (step === undefined || entries.length === 0) {
    if (change === 'replace') return value;
    if (change === 'add') return rebuild([...entries, [key, value]]);
    if (change === 'drop') return rebuild(entries.slice(1));
    return rebuild(entries.map(([name, inner], i) => [i === 0 ? key : name, inner]));
  }
  const at = step % entries.length;
  return rebuild(
    entries.map(([name, inner], i) => [
      name,
      i === at ? slipAt(inner, rest, change, key, value) : inner,
    ]),
  );
}

const change = fc.record({
  path: fc.array(fc.nat(40), { maxLength: 6 }),
  change: fc.constantFrom('replace' as const, 'add' as const, 'drop' as const, 'rename' as const),
  key: keys,
  value: values,
});

/** The trees with so many slips at most, and what they were. */
export const slipped = (trees: readonly Tree[], most: number) =>
  fc
    .tuple(fc.constantFrom(...trees), fc.array(change, { minLength: 1, maxLength: most }))
    .map(([tree, slips]) => ({
      slips,
      tree: slips.reduce((now, s) => slipAt(now, s.path, s.change, s.key, s.value), tree),
    }));
