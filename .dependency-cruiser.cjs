/**
 * Imports point one way: cli -> { compiler, runner, ui, steps } -> schema, and runner -> store -> schema.
 * The ones in braces never see each other (docs/architecture.md).
 */
const only = (from, ...allowed) => ({
  name: `${from}-imports-only`,
  comment: `${from}/ may import from ${allowed.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: `^${from}/`, pathNot: '[.]test[.]tsx?$' },
  to: {
    path: '^[^/]+/',
    // `fs/promises` is Node's, not a folder of ours.
    dependencyTypesNot: ['core'],
    pathNot: [`^${from}/`, '^node_modules/', ...allowed.map(name => `^${name}/`)],
  },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    only('schema'),
    only('compiler', 'schema'),
    only('store', 'schema'),
    only('runner', 'schema', 'store'),
    only('ui', 'schema'),
    only('steps', 'schema'),
    {
      name: 'steps-take-types-alone-from-schema',
      comment:
        "a step's key covers its folder and steps/sdk: code from elsewhere would be in no key",
      severity: 'error',
      from: { path: '^steps/', pathNot: '[.]test[.]ts$' },
      to: { path: '^schema/', dependencyTypesNot: ['type-only'] },
    },
    only('cli', 'schema', 'compiler', 'runner', 'store', 'ui'),
    {
      name: 'concrete-executors-are-named-in-cli-alone',
      severity: 'error',
      from: { pathNot: ['^cli/', '^runner/executors/', '[.]test[.]ts$', '^test/', '^bench/'] },
      to: { path: '^runner/executors/(process|docker|slurm|kubernetes)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|[.]sluice|node_modules)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
