/** docs/cache.md names the scenarios that prove each promise: each of them is there. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../harness/temp-project.ts';

const document = readFileSync(join(REPOSITORY, 'docs/cache.md'), 'utf8');
const promises = document.slice(document.indexOf('## Why you can trust it'));

/** Names of scenarios stand in italics. */
const named = [...promises.matchAll(/(?<![*\w])\*([^*\n]+)\*(?![*\w])/g)].map(([, name]) => name);

const sources = ['test/conformance/cache', 'store', 'runner'].flatMap(folder =>
  readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts'))
    .map(path => readFileSync(join(REPOSITORY, folder, path), 'utf8')),
);

test('each of the ten promises names scenarios', () => {
  expect(promises.match(/^\d+\. \*\*/gm)).toHaveLength(10);
  expect(named.length).toBeGreaterThan(30);
});

test.each(named)('%s', name => {
  expect(sources.some(source => name !== undefined && source.includes(name))).toBe(true);
});
