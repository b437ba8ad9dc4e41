import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Diagnostic, Span } from '../schema/diagnostic.ts';
import { githubAnnotations, renderDiagnostics } from './diagnostic.ts';
import { diagnosticsJson } from './diagnostic-json.ts';

const CHURN = `sluice: 1
steps:
  featurize:
    run: make
  train:
    run: make
    needs: [featurise]
`;

const spanAt = (source: string, file: string, start: number, length: number): Span => {
  const before = source.slice(0, start).split('\n');
  return {
    file,
    start,
    end: start + length,
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
  };
};

const span = (source: string, text: string, file = 'pipelines/churn.yaml'): Span =>
  spanAt(source, file, source.indexOf(text), text.length);

const problem = (words: Partial<Diagnostic>): Diagnostic => ({
  severity: 'error',
  code: 'unknown-step',
  message: 'step `train` needs `featurise`, but no step has that name',
  related: [],
  fixes: [],
  ...words,
});

const render = (diagnostics: readonly Diagnostic[], source = CHURN, options = {}) =>
  renderDiagnostics(diagnostics, file => (file.endsWith('.yaml') ? source : undefined), {
    color: false,
    width: 80,
    ...options,
  });

describe('for people', () => {
  test('the mistake is marked where it stands, with a short remedy under it', () => {
    const at = span(CHURN, 'featurise');
    expect(render([problem({ at, help: 'did you mean `featurize`?' })])).toBe(
      `error[unknown-step]: step \`train\` needs \`featurise\`, but no step has that name
  ┌─ pipelines/churn.yaml:7:13
 7│     needs: [featurise]
  │             ^^^^^^^^^ did you mean \`featurize\`?

1 error
`,
    );
  });

  test('who is told as many as are ever told hears that there may be more', () => {
    const many = (count: number) =>
      render(Array.from({ length: count }, (_, at) => problem({ message: `mistake ${at}` })));
    expect(many(499).endsWith('\n499 errors, the first 100 are shown\n')).toBe(true);
    expect(many(500).endsWith('\n500 errors and perhaps more, the first 100 are shown\n')).toBe(
      true,
    );
  });

  test('a label and a help have each their place, and other lines are shown with theirs', () => {
    const diagnostic = problem({
      at: span(CHURN, 'featurise'),
      label: 'not a step',
      help: 'did you mean `featurize`?',
      related: [
        { at: span(CHURN, 'featurize'), message: 'this one is near' },
        { at: { file: 'steps/x.yml', start: 3, end: 5, line: 1, column: 4 }, message: 'from here' },
      ],
    });
    expect(render([diagnostic])).toBe(
      `error[unknown-step]: step \`train\` needs \`featurise\`, but no step has that name
  ┌─ pipelines/churn.yaml:7:13
 3│   featurize:
  │   --------- this one is near
  ·
 7│     needs: [featurise]
  │             ^^^^^^^^^ not a step
  ┌─ steps/x.yml:1:4
  │ from here
  = help: did you mean \`featurize\`?

1 error
`,
    );
  });

  test('they come in the order of their places, each once, and are counted', () => {
    const late = problem({ at: span(CHURN, 'featurise'), message: 'late' });
    const early = problem({ at: span(CHURN, 'sluice'), message: 'early', severity: 'warning' });
    const nowhere = problem({ message: 'nowhere' });
    const text = render([late, early, late, nowhere]);
    expect(text.match(/(?:nowhere|early|late)$/gm)).toEqual(['nowhere', 'early', 'late']);
    expect(text.trimEnd().split('\n').at(-1)).toBe('2 errors, 1 warning');
  });

  test('a mark stands under its characters, behind tabs and wide letters too', () => {
    const source = '\t日本 👩‍🔬é: bad\n';
    const [, , line = '', marks = ''] = render(
      [problem({ at: span(source, 'bad', 'a.yaml') })],
      source,
    ).split('\n');
    expect(line).toBe(' 1│     日本 👩‍🔬é: bad');
    // Each of the three wide characters is one column more than it is letters.
    expect(marks).toBe(`  │ ${' '.repeat(4 + 4 + 1 + 2 + 1 + 2)}^^^`);
  });

  test('what a terminal would act on is shown as a sign', () => {
    const source = 'name: \u001b[2J\u202eevil\u0000\n';
    const text = render(
      [problem({ at: span(source, 'evil', 'a\u001b.yaml'), message: 'x \u001b[31m' })],
      source,
    );
    expect(text).toContain('name: ␛[2J<U+202E>evil␀');
    expect(text).toContain(`${' '.repeat('name: ␛[2J<U+202E>'.length)}^^^^`);
    expect(text).not.toMatch(/[[\p{Cc}\p{Cf}]--[\n]]/v);
  });

  test('a long line is cut to a window around the mark', () => {
    const source = `run: ${'a '.repeat(300)}HERE ${'b '.repeat(300)}\n`;
    const [, , line = '', marks = ''] = render(
      [problem({ at: span(source, 'HERE', 'a.yaml'), label: 'this' })],
      source,
    ).split('\n');
    expect(line.length).toBeLessThanOrEqual(80);
    expect(line.startsWith(' 1│ …')).toBe(true);
    expect(line.endsWith('…')).toBe(true);
    expect(line.indexOf('HERE')).toBe(marks.indexOf('^^^^'));
  });

  test('a label that does not fit beside its mark goes below', () => {
    const source = `${' '.repeat(60)}here\n`;
    const label = 'a label that needs more room than there is';
    const [, , , marks = '', below = ''] = render(
      [problem({ at: span(source, 'here', 'a.yaml'), label })],
      source,
    ).split('\n');
    expect(marks.trimEnd().endsWith('^^^^')).toBe(true);
    expect(below.trim().endsWith(label)).toBe(true);
    expect(below.length).toBeLessThanOrEqual(80);
  });

  test('a mark may stand behind the last character, where something is missing', () => {
    expect(render([problem({ at: spanAt('a:\n', 'a.yaml', 2, 0) })], 'a:\n')).toContain(
      ' 1│ a:\n  │   ^\n',
    );
  });

  test('a terminal without line drawing gets plain signs', () => {
    const text = render([problem({ at: span(CHURN, 'featurise') })], CHURN, { unicode: false });
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
  });

  test('colour adds to what is said and takes nothing away', () => {
    const diagnostics = [problem({ at: span(CHURN, 'featurise'), label: 'x', help: 'y' })];
    const colored = render(diagnostics, CHURN, { color: true });
    expect(colored).not.toBe(render(diagnostics));
    expect(stripVTControlCharacters(colored)).toBe(render(diagnostics));
  });

  test('any source and any place can be shown, within the width', () => {
    const unit = fc.oneof(
      fc.constantFrom('\t', '\n', '\r', '日', '👩‍🔬', 'e\u0301', '\u202e', '\ud800'),
      fc.string(),
    );
    const sources = fc.array(unit, { maxLength: 40 }).map(parts => parts.join(''));
    fc.assert(
      fc.property(
        sources,
        fc.nat(60),
        fc.nat(30),
        fc.integer({ min: 40, max: 90 }),
        (source, start, length, width) => {
          const at = spanAt(source, 'a.yaml', Math.min(start, source.length), length);
          const text = render([problem({ at, label: 'here' })], source, { width });
          expect(text).toContain('^');
          for (const line of text.split('\n').slice(2, -3))
            expect([...line].length).toBeLessThanOrEqual(width + 4);
        },
      ),
    );
  });
});

test('an annotation is one line, with its separators escaped', () => {
  const at = { ...span(CHURN, 'featurise'), file: 'a,b:c.yaml' };
  const related = [{ at: span(CHURN, 'featurize'), message: 'near' }];
  const annotations = (one: Diagnostic) => githubAnnotations([one], () => CHURN);
  expect(annotations(problem({ at, help: '100%\nsure', related }))).toBe(
    '::error file=a%2Cb%3Ac.yaml,line=7,endLine=7,col=13,endColumn=21,title=unknown-step::step `train` needs `featurise`, but no step has that name%0A100%25%0Asure%0Apipelines/churn.yaml:3:3: near',
  );
  expect(annotations(problem({ severity: 'warning', message: 'm' }))).toBe(
    '::warning title=unknown-step::m',
  );
  const block = span(CHURN, 'featurize:\n    run: make');
  expect(annotations(problem({ at: block, message: 'm' }))).toBe(
    '::error file=pipelines/churn.yaml,line=3,endLine=4,title=unknown-step::m',
  );
});

describe('for programs', () => {
  const json = (diagnostics: readonly Diagnostic[]) =>
    diagnosticsJson(diagnostics, file => (file === 'unread.yaml' ? undefined : CHURN));

  test('they come in the order in which people read them, each once', () => {
    const first = problem({ at: span(CHURN, 'steps'), code: 'a' });
    const later = problem({ at: span(CHURN, 'featurise'), code: 'b' });
    const nowhere = problem({ code: 'c' });
    const shown = json([later, first, nowhere, later]).diagnostics.map(({ code }) => code);
    expect(shown).toEqual(['c', 'a', 'b']);
  });

  test('every place has both its ends, the second behind the last character', () => {
    const at = span(CHURN, 'featurise');
    const block = span(CHURN, 'make\n  train:');
    const [one] = json([
      problem({
        at,
        related: [{ at: block, message: 'here' }],
        fixes: [{ title: 'write', edits: [{ at, text: 'featurize' }] }],
      }),
    ]).diagnostics;
    expect(one?.at).toEqual({ ...at, line: 7, column: 13, endLine: 7, endColumn: 22 });
    expect(one?.related[0]?.at).toMatchObject({ line: 4, column: 10, endLine: 5, endColumn: 9 });
    expect(one?.fixes[0]?.edits[0]?.at).toMatchObject({ endLine: 7, endColumn: 22 });
  });

  test('of a text that nobody has, the place ends where it begins', () => {
    const at = { file: 'unread.yaml', start: 5, end: 9, line: 2, column: 3 };
    expect(json([problem({ at })]).diagnostics[0]?.at).toMatchObject({ endLine: 2, endColumn: 3 });
  });
});
