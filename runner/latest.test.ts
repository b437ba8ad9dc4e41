import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cacheKeyOf, runId, sha256, stepId } from '../schema/id.ts';
import type { Plan } from '../schema/plan.ts';
import { openLatest } from './latest.ts';
import { planOf } from './testing/plan-of.ts';

const home = mkdtempSync(join(tmpdir(), 'sluice-latest-'));
afterAll(() => rmSync(home, { recursive: true }));

const whole = planOf({ ingest: {}, train: { needs: ['ingest'] } });

const sampled = (fraction: number): Plan => ({
  ...whole,
  sample: { fraction },
  steps: whole.steps.map(step => (step.id === 'train' ? { ...step, onSample: 'runs' } : step)),
});

test('what is learnt on a slice is for slices of its size alone; what stands on the whole is shared', () => {
  const [ingest, train] = [stepId('ingest'), stepId('train')];
  const key = (text: string) => cacheKeyOf(sha256(text));
  const learn = (plan: Plan, text: string) => {
    const latest = openLatest(home, plan);
    latest.remember(ingest, key(`ingest ${text}`));
    latest.remember(train, key(text));
    latest.save(runId(new Date(0), 'abc'));
  };
  learn(whole, 'whole');
  learn(sampled(0.05), 'small');
  expect(openLatest(home, whole).keyOf(train)).toBe(key('whole'));
  expect(openLatest(home, sampled(0.05)).keyOf(train)).toBe(key('small'));
  expect(openLatest(home, sampled(0.1)).keyOf(train)).toBeUndefined();
  expect(openLatest(home, whole).keyOf(ingest)).toBe(key('ingest small'));
});
