import { describe, expect, test } from 'vitest';
import { stepId } from '../../schema/id.ts';
import { begun, ended, started, stateAfter } from '../../test/harness/run-events.ts';
import { press } from './keys.ts';
import { type Command, initialView, type Key, type LogLines, type View } from './view.ts';

const state = stateAfter([started({ a: [], b: ['a'], c: ['b'] }), ended('a'), begun('b')]);
const lines: LogLines = {
  first: 100,
  lines: Array.from({ length: 50 }, (_, index) => (index % 20 === 0 ? `Epoch ${index}` : 'step')),
};

/** Letters are typed; `<enter>` is a key of that name. */
const keysOf = (text: string): readonly Key[] =>
  [...text.matchAll(/<([\w-]+)>|(.)/gs)].map(([, name, letter]) =>
    name === undefined
      ? { kind: 'character', text: letter ?? '' }
      : ({ kind: name } as Exclude<Key, { kind: 'character' }>),
  );

function typed(text: string, from: View = initialView): { view: View; commands: Command[] } {
  const commands: Command[] = [];
  let view = from;
  for (const key of keysOf(text)) {
    const pressed = press(view, key, { state, page: 10, log: lines });
    view = pressed.view;
    if (pressed.command !== undefined) commands.push(pressed.command);
  }
  return { view, commands };
}

describe('in the rows', () => {
  test.each([
    ['', undefined],
    ['j', 'b'],
    ['jj', 'c'],
    ['jjj', 'c'],
    ['jk', 'a'],
    ['<up><up><up>', 'a'],
    ['<end>', 'c'],
    ['<end><home>', 'a'],
    ['jj<escape>', undefined],
    ['w', 'b'],
  ])('%s chooses %s', (keys, chosen) => {
    expect(typed(keys).view.chosen).toBe(chosen);
  });

  test.each([
    ['h', 'help'],
    ['hh', 'logs'],
    ['?', 'help'],
    ['w', 'why'],
    ['ww', 'logs'],
    ['hj', 'logs'],
    ['wj', 'why'],
  ] as const)('%s shows %s', (keys, panel) => {
    expect(typed(keys).view.panel).toBe(panel);
  });

  test.each(['q', '<interrupt>', 'j<interrupt>', 'h<interrupt>', '<enter><interrupt>'])(
    '%s is a press of the two-press rule',
    keys => {
      expect(typed(keys).commands).toEqual([{ kind: 'interrupt' }]);
    },
  );

  test('c cancels the step that was chosen by hand, and only while it runs', () => {
    expect(typed('jc').commands).toEqual([{ kind: 'cancel', step: stepId('b') }]);
    expect(typed('c').commands).toEqual([]);
    expect(typed('jjc').commands).toEqual([]);
    expect(typed('jkc').commands).toEqual([]);
  });

  test('r takes the step up again that was chosen by hand: one that runs, or that has ended', () => {
    expect(typed('jr').commands).toEqual([{ kind: 'rerun', step: stepId('b') }]);
    expect(typed('jkr').commands).toEqual([{ kind: 'rerun', step: stepId('a') }]);
    expect(typed('r').commands).toEqual([]);
    expect(typed('jjr').commands, 'it waits').toEqual([]);
  });

  test('r means nothing for a step that never had its turn', () => {
    const outcome = { kind: 'skipped', because: 'need-failed', need: stepId('b') } as const;
    const after = stateAfter([started({ a: [] }), ended('a', outcome)]);
    const context = { state: after, page: 10, log: lines };
    const view = { ...initialView, chosen: stepId('a') };
    expect(press(view, { kind: 'character', text: 'r' }, context)).toEqual({ view });
  });

  test('other letters do nothing', () => {
    expect(typed('xyz<left><right><backspace>')).toEqual({ view: initialView, commands: [] });
  });
});

describe('in a log', () => {
  const log = (keys: string) => typed(`<enter>${keys}`).view.log;

  test.each([
    ['', undefined],
    ['k', 149],
    ['kj', undefined],
    ['<page-up>', 140],
    ['bb', 130],
    ['bb ', 140],
    ['g', 110],
    ['gG', undefined],
    ['gf', undefined],
    ['<home><end>', undefined],
  ])('%s ends the page at line %s', (keys, end) => {
    expect(log(keys)?.end).toBe(end);
  });

  test.each(['q', '<escape>', '<enter>'])('%s goes back to the rows, and stops nothing', key => {
    expect(log(key)).toBeUndefined();
    expect(typed(`<enter>${key}`).commands).toEqual([]);
  });

  test('a search goes upward from the end, whatever the case of its letters', () => {
    expect(log('/epoch<enter>')).toMatchObject({ search: 'epoch', typing: false, match: 140 });
    expect(log('/epoch<enter>n')).toMatchObject({ match: 120, end: 125 });
    expect(log('/epoch<enter>nnnn')).toMatchObject({ match: 100, end: 110 });
    expect(log('/epoch<enter>nnN')).toMatchObject({ match: 120 });
  });

  test('letters are typed into the search, and keys of the log mean nothing there', () => {
    expect(log('/qk')).toMatchObject({ search: 'qk', typing: true });
    expect(log('/qk<backspace>')).toMatchObject({ search: 'q', typing: true });
    expect(log('/qk<escape>')).toMatchObject({ search: '', typing: false });
  });

  test('nothing found leaves the page where it is', () => {
    expect(log('k/nowhere<enter>')).toMatchObject({ match: undefined, end: 149 });
  });
});
