import { expect, test } from 'vitest';
import { parseConfig } from './config.ts';
import { chosenProfile, parseSettings } from './settings.ts';

const YAML = `executor: process
parallel: 4
pools: { licence: 2, gpu: 1 }
profiles:
  ci: { executor: docker, pools: { licence: 9 } }
`;
const settings = (profile?: string) =>
  parseSettings('sluice.yaml', Buffer.from(YAML), chosenProfile(profile, {}));

test('without a profile the settings are those of the project', () => {
  expect(settings().value).toMatchObject({
    executor: { value: 'process' },
    parallel: { value: 4 },
    pools: { licence: 2, gpu: 1 },
  });
});

test('a profile is laid over them, key by key', () => {
  expect(settings('ci').value).toMatchObject({
    executor: { value: 'docker' },
    parallel: { value: 4 },
    pools: { licence: 9, gpu: 1 },
  });
});

test('a profile that is not there is a problem; names that objects have are not there', () => {
  expect(settings('cd').problems.map(problem => problem.kind)).toEqual(['unknown-profile']);
  expect(settings('constructor').problems.map(problem => problem.kind)).toEqual([
    'unknown-profile',
  ]);
});

test('whoever asks for a profile that is not there is named: the option, or the environment', () => {
  const asked = (environment: Readonly<Record<string, string>>) =>
    parseSettings('sluice.yaml', Buffer.from(YAML), chosenProfile('cd', environment)).problems;
  expect(asked({})).toMatchObject([{ asked: '--profile' }]);
  expect(asked({ SLUICE_PROFILE: 'other' })).toMatchObject([{ asked: '--profile' }]);
  expect(asked({ SLUICE_PROFILE: 'cd' })).toMatchObject([{ asked: 'SLUICE_PROFILE' }]);
});

test('an empty file, and one of comments, says nothing', () => {
  for (const yaml of ['', '# nothing\n', '---\n'])
    expect(parseSettings('sluice.yaml', Buffer.from(yaml), undefined)).toMatchObject({
      value: { pools: {} },
      problems: [],
    });
  expect(parseConfig('c.yaml', Buffer.from('')).value?.params.size).toBe(0);
});

test('a config gives values and what steps do otherwise, and nothing else', () => {
  const config = (yaml: string) => parseConfig('c.yaml', Buffer.from(yaml));
  const { value, problems } = config(
    'params: { lr: 0.1 }\nsteps: { train: { with: { image: [8, 8] }, timeout: 2h } }',
  );
  expect(problems).toEqual([]);
  expect(value?.params.get('lr')?.value).toMatchObject({ value: 0.1 });
  expect(value?.steps.get('train')?.value.timeout?.value).toBe(7_200_000);
  expect(config('steps: { train: { run: x } }').problems.map(problem => problem.kind)).toEqual([
    'unknown-key',
  ]);
});
