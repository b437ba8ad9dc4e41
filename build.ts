/**
 * Makes what is published: `dist/main.js` and its chunks, and every library step as one program
 * beside its manifest. A package under node_modules cannot run .ts, which is why steps are built
 * too. Native packages stay outside the bundle.
 */

import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'rolldown';
import { parseAst } from 'rolldown/parseAst';
import type { ESTree } from 'rolldown/utils';

const OUT = process.argv[2] ?? 'dist';
const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'));
// Native code, and the engine's client, which reads files beside its own code.
const outside = ['onnxruntime-node', 'sharp', 'fs-native-extensions', 'dockerode'];
// Ink asks for it in its own development mode alone.
const absent = ['react-devtools-core'];
const external = (id: string) =>
  id.startsWith('node:') ||
  [...outside, ...absent].some(name => id === name || id.startsWith(`${name}/`));

/** Programs of a step's folder that somebody starts. */
const PROGRAMS = ['main', 'check', 'probe', 'rollback'];

/**
 * What commands share would otherwise be cut into as many chunks as there are ways of sharing it,
 * and opening forty files is felt at every start. What only some commands want stays apart.
 */
const files = (folder: string, ...names: readonly string[]) =>
  new RegExp(`/${folder}/(${names.join('|')})\\.ts$`);
/** Judged by the path in this checkout or of its package: what lies above may be a `schema` as well. */
const here = (pattern: RegExp) => (id: string) =>
  pattern.test(id.replace(import.meta.dirname, '').replace(/^.*(?=\/node_modules\/)/, ''));
/** What every command needs that compiles. */
const COMPILING = files(
  'cli',
  'program|command|command-list|options|compilation|plan-cache|project-files|git|terminal',
);
/** What a run needs besides. */
const RUNNING = files(
  'cli',
  'commands/run|executors|warm-containers|run-inputs|run-support|run-report|log-files|readers',
  'reports|machine|interrupt|open-store|store-words|read-only-store|saved-plan|plan-file',
);

const TOGETHER = [
  {
    name: 'start',
    test: /\/cli\/(project|usage|lost-output)\.ts$|\/canonical-json\.ts$/,
    priority: 5,
  },
  { name: 'compiling', test: COMPILING, priority: 4 },
  { name: 'running', test: RUNNING, priority: 4 },
  { name: 'flags', test: /node_modules\/(commander|@commander-js)\//, priority: 3 },
  // A plan that is known needs these of the compiler, and no more.
  { name: 'known-plan', test: /\/schema\/|\/compiler\/(reads|files|closest)\.ts$/, priority: 3 },
  { name: 'glob', test: /node_modules\/(tinyglobby|fdir|picomatch)\//, priority: 3 },
  { name: 'compiler', test: /\/compiler\/(?!explanations)|node_modules\/yaml\//, priority: 2 },
  { name: 'runner', test: /\/(runner|store)\/(?!executors\/docker)/, priority: 1 },
];

/** They bring many others along, and few commands ever call them. */
const AT_CALL: ReadonlySet<string> = new Set([
  'node:child_process',
  'node:fs/promises',
  'node:readline',
  'node:timers/promises',
]);

/**
 * `import { readFileSync } from 'node:fs'` makes Node read every property of the module, and its
 * streams, consoles and cryptography are loaded for nothing: 5 ms of each start. What is asked for by
 * name is found without that, and a function of `AT_CALL` when it is called.
 */
const builtinsByName: Plugin = {
  name: 'builtins-by-name',
  renderChunk: code => {
    let made = '';
    let end = 0;
    for (const node of parseAst(code).body) {
      if (node.type !== 'ImportDeclaration' || !node.source.value.startsWith('node:')) continue;
      made += code.slice(end, node.start) + byName(node);
      end = node.end;
    }
    return made + code.slice(end);
  },
};

function byName({ source, specifiers }: ESTree.ImportDeclaration): string {
  const module = `process.getBuiltinModule(${JSON.stringify(source.value)})`;
  const isAtCall = AT_CALL.has(source.value);
  const names: string[] = [];
  let made = '';
  for (const specifier of specifiers) {
    const local = specifier.local.name;
    const name = importedName(specifier);
    if (name === undefined) {
      const whole = `new Proxy({}, { get: (_, name) => ${module}[name] })`;
      made += `const ${local} = ${isAtCall ? whole : module};\n`;
    } else if (isAtCall && isFunction(source.value, name)) {
      // What hangs on a function, as that which `promisify` asks for, is found there as well.
      const traps = `apply: (_, self, args) => ${module}.${name}(...args), get: (_, key) => ${module}.${name}[key]`;
      made += `const ${local} = new Proxy(() => {}, { ${traps} });\n`;
    } else names.push(`${name}: ${local}`);
  }
  return names.length === 0 ? made : `${made}const { ${names.join(', ')} } = ${module};\n`;
}

/** Undefined for all that a module has, under one name. */
const importedName = (specifier: ESTree.ImportDeclarationSpecifier): string | undefined =>
  specifier.type === 'ImportSpecifier' && specifier.imported.type === 'Identifier'
    ? specifier.imported.name
    : undefined;

/** What is no function, or a class, is wanted as it is. */
const isFunction = (source: string, name: string): boolean =>
  /^[a-z]/.test(name) &&
  typeof Reflect.get(process.getBuiltinModule(source) ?? {}, name) === 'function';

async function bundle(input: string, folder: string, name: string): Promise<void> {
  await build({
    input: { [name]: input },
    platform: 'node',
    external,
    plugins: [builtinsByName],
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    output: {
      dir: folder,
      format: 'esm',
      minify: true,
      chunkFileNames: 'chunks/[name]-[hash].js',
      codeSplitting: { groups: TOGETHER.map(group => ({ ...group, test: here(group.test) })) },
    },
    logLevel: 'warn',
  });
}

await rm(OUT, { recursive: true, force: true });
await bundle('cli/main.ts', OUT, 'main');
// A thread starts a program of its own, and all that it loads is loaded once more.
await bundle('store/content-thread.ts', OUT, 'content-thread');
for (const step of await readdir('steps')) {
  const folder = join('steps', step);
  if (!existsSync(join(folder, 'step.yaml'))) continue;
  const target = join(OUT, 'steps', step);
  await mkdir(target, { recursive: true });
  for (const program of PROGRAMS) {
    const source = join(folder, `${program}.ts`);
    if (existsSync(source)) await bundle(source, target, program);
  }
  await writeFile(
    join(target, 'step.yaml'),
    built(await readFile(join(folder, 'step.yaml'), 'utf8')),
  );
}
await copyFile('steps/Dockerfile', join(OUT, 'steps', 'Dockerfile'));
console.info(
  `built ${OUT}/ (${Object.keys(dependencies).length} dependencies, ${outside.join(', ')} outside)`,
);

/** The bundle holds what the sources included. */
function built(manifest: string): string {
  return manifest
    .replace(/\b(main|check|probe|rollback)\.ts\b/g, '$1.js')
    .replace(/^includes:.*\n/m, '');
}
