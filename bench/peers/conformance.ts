/**
 * Plays the portable scenarios of the cache conformance suite on other tools and prints who passes
 * what, as a table: `node bench/peers/conformance.ts [tool…]`. Installs them with npm, into a
 * temporary folder.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { Playground } from '../../test/conformance/cache/playground.ts';
import { NEEDLESS, type Scenario } from '../../test/conformance/cache/scenario.ts';
import { SCENARIOS } from '../../test/conformance/cache/scenarios.ts';
import { sluice, type Tool } from '../../test/conformance/cache/tool.ts';
import { PACKAGES } from './packages.ts';
import { peers } from './tools.ts';

const PATIENCE_MS = 60_000;

function install(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-peers-')));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', ...PACKAGES], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return join(folder, 'node_modules');
}

/** What went wrong; undefined when nothing did. */
async function fault(tool: Tool, scenario: Scenario): Promise<string | undefined> {
  using playground = new Playground(tool);
  const patience = new AbortController();
  const late = after(PATIENCE_MS, 'no end after a minute', { signal: patience.signal });
  const played = scenario.play(playground).then(
    () => undefined,
    (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      // Where the result is what counts, work that nobody needed is no fault.
      return scenario.about === 'safe' && message.startsWith(NEEDLESS) ? undefined : message;
    },
  );
  try {
    return await Promise.race([played, late.catch(() => undefined)]);
  } finally {
    patience.abort();
  }
}

const modules = install();
const names = process.argv.slice(2);
const tools = [sluice, ...peers(modules)].filter(
  ({ name }) => names.length === 0 || names.includes(name),
);
const faults = new Map<string, string>();
for (const scenario of SCENARIOS) {
  for (const tool of tools) {
    const found = await fault(tool, scenario);
    if (found === undefined) continue;
    faults.set(`${tool.name} ${scenario.name}`, found);
    console.error(`${tool.name}: ${scenario.name}\n  ${found.trim().replaceAll('\n', '\n  ')}`);
  }
}

const version = (name: string): string =>
  name === 'sluice'
    ? ''
    : JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')).version;

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
console.log(row(['scenario', ...tools.map(({ name }) => `${name} ${version(name)}`.trim())]));
console.log(row(['---', ...tools.map(() => '---')]));
for (const about of ['safe', 'quick'] as const) {
  const scenarios = SCENARIOS.filter(scenario => scenario.about === about);
  for (const { name } of scenarios) {
    const marks = tools.map(tool => (faults.has(`${tool.name} ${name}`) ? '✗' : '✓'));
    console.log(row([name, ...marks]));
  }
  const sums = tools.map(tool => {
    const passed = scenarios.filter(({ name }) => !faults.has(`${tool.name} ${name}`));
    return `**${passed.length} of ${scenarios.length}**`;
  });
  console.log(
    row([`**${about === 'safe' ? 'never a wrong result' : 'no needless work'}**`, ...sums]),
  );
}
// A tool that hangs at a gate must not keep us.
process.exit(0);
