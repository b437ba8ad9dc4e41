/** Data cannot become commands: proven with the shells that are here. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textOf } from '../../schema/operator.ts';
import { shellWord } from '../../schema/shell-word.ts';
import { checkTemplate, toLate } from './late.ts';
import { literal } from './lower.ts';
import { text } from './sample.ts';
import type { Scope } from './scope.ts';
import { parseTemplate } from './template.ts';

const SHELLS = ['/bin/sh', '/bin/bash'].filter(existsSync);
const RUNS = Number(process.env['SHELL_FUZZ_RUNS'] ?? 300);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-shell-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }).filter(text => text.isWellFormed()),
  fc
    .array(
      fc.constantFrom(
        "'",
        '"',
        '\\',
        '$',
        '`',
        '\n',
        ' ',
        '-',
        '*',
        '~',
        '!',
        '#',
        '=',
        ';',
        'if',
        '2',
        'é',
        '😀',
      ),
    )
    .map(parts => parts.join('')),
);

test('any text is exactly one word', () => {
  const holdable = anyText.filter(text => !text.includes('\0'));
  fc.assert(
    fc.property(fc.array(holdable, { minLength: 1, maxLength: 40 }), texts => {
      const script = `printf '%s\\0' ${texts.map(text => shellWord(text)).join(' ')}`;
      const output = execFileSync('/bin/sh', ['-c', script], { cwd: folder, encoding: 'utf8' });
      expect(output.split('\0').slice(0, -1)).toEqual(texts);
    }),
    { numRuns: 50 },
  );
});

test('a NUL is refused', () => {
  expect(textOf('a\0b')).toMatchObject({ ok: false });
});

const scope: Scope = {
  place: 'a command',
  roots: { params: new Map([['x', 'string']]) },
  steps: { names: () => [], find: () => undefined },
  results: 'allowed',
};

/** The command with the data in it; undefined when the place of an expression is refused. */
function commandOf(template: string, data: string): string | undefined {
  const { parts } = parseTemplate(text(template));
  if (checkTemplate(parts, scope, 'command').problems.length > 0) return undefined;
  const bindings = {
    variable: () => literal(data),
    path: () => undefined,
    step: (name: string) => name,
  };
  const { late } = toLate(parts, bindings, 'command');
  return late?.kind === 'known' ? String(late.value) : undefined;
}

const EXPRESSION = '${{ params.x }}';
const FRAGMENTS = [
  ...[
    EXPRESSION,
    EXPRESSION,
    EXPRESSION,
    ' ',
    ' ',
    '\n',
    '"',
    '"',
    "'",
    "'",
    '\\',
    '$',
    '`',
    '(',
    ')',
    '$(',
    '$((1+',
    '))',
  ],
  ...[
    '${v:-',
    '${v#',
    '}',
    '#',
    ' # ',
    ';',
    '&&',
    '|',
    'echo ',
    'echo a',
    'x=',
    '<<EOF\n',
    '<<-E"O"F',
    "<<'EOF'\n",
    '\nEOF\n',
  ],
  ...[
    '<<<',
    '<',
    'case x in x) ',
    ';; esac',
    '{ ',
    '; }',
    'if true; then ',
    '; fi',
    '!',
    "$'",
    "\\'",
    '\t',
    '1',
    'EOF',
  ],
];
const DATA = [
  "'; touch caught; '",
  '"; touch caught; "',
  '$(touch caught)',
  '`touch caught`',
  '\ntouch caught\n',
  ')$(touch caught)',
  '}; touch caught; #',
  "\\'; touch caught; #",
  "'$(touch caught)'",
  '"$(touch caught)"',
  '\nEOF\ntouch caught\n',
  ';touch caught',
  'a[$(touch caught)]',
  '))$(touch caught)',
];

describe.each(SHELLS)('with %s', shell => {
  test('no command that is accepted runs what its data says', () => {
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...FRAGMENTS), { minLength: 1, maxLength: 14 }),
        fc.constantFrom(...DATA),
        (fragments, data) => {
          const command = commandOf(fragments.join(''), data);
          if (command === undefined || !fragments.includes(EXPRESSION)) return;
          accepted += 1;
          rmSync(join(folder, 'caught'), { force: true });
          spawnSync(shell, ['-c', command], { cwd: folder, stdio: 'ignore', timeout: 5_000 });
          expect(existsSync(join(folder, 'caught')), command).toBe(false);
        },
      ),
      { numRuns: RUNS },
    );
    expect(accepted).toBeGreaterThan(RUNS / 20);
  });

  test.each([
    `echo ${EXPRESSION}`,
    `for f in a ${EXPRESSION}; do echo "$f"; done`,
    `x="$(echo ${EXPRESSION})"; echo "$x"`,
    `name=${EXPRESSION} sh -c 'echo "$name"'`,
    `cat <<EOF\nquiet\nEOF\necho ${EXPRESSION}`,
    `echo "quoted" # a remark with 'quotes\necho ${EXPRESSION}`,
    `(echo ${EXPRESSION}; echo b) | cat`,
    `echo "a""$(echo "b")"${EXPRESSION}`,
  ])('%s is accepted, and means the data', template => {
    for (const data of DATA) {
      const command = commandOf(template, data);
      expect(command).toBeDefined();
      const { stdout } = spawnSync(shell, ['-c', command ?? ''], { cwd: folder, encoding: 'utf8' });
      expect(stdout).toContain(data.trim());
      expect(existsSync(join(folder, 'caught'))).toBe(false);
    }
  });

  test.each([
    [`echo "${EXPRESSION}"`],
    [`echo '${EXPRESSION}'`],
    [`cat <<EOF\n${EXPRESSION}\nEOF`],
    [`cat <<'EOF'\n${EXPRESSION}\nEOF`],
    [`echo # ${EXPRESSION}`],
    [`echo \\${EXPRESSION}`],
    [`echo $${EXPRESSION}`],
    [`echo \`echo ${EXPRESSION}\``],
    [`echo $((${EXPRESSION}))`],
    [`echo "\${v:-${EXPRESSION}}"`],
  ])('%s is refused', template => {
    expect(commandOf(template, 'data')).toBeUndefined();
  });
});
