import { afterAll, describe, expect, test } from 'vitest';
import {
  address,
  containerOf,
  engine,
  openDocker,
  openPool,
} from '../../../../test/harness/containers.ts';
import { describeExecutor } from '../../conformance.ts';

describe.skipIf(address === null)('containers that stay warm', () => {
  const pool = openPool();
  const executor = openDocker('/nowhere', engine, pool);
  afterAll(() => pool.close());

  describeExecutor(
    'docker executor, warm: docker',
    () => executor,
    () => ({ container: containerOf() }),
  );
});
