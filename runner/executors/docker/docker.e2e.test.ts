import type { Container } from '../../../schema/plan.ts';
import { describeExecutor } from '../conformance.ts';
import { processExecutor } from '../process.ts';
import { dockerExecutor } from './docker.ts';
import { connectEngine } from './engine.ts';
import { openImages } from './images.ts';

const container: Container = {
  image: 'localhost/sluice/test:1',
  build: null,
  user: null,
  entrypoint: null,
  network: 'none',
};

const engine = connectEngine(process.env);

const make = () =>
  dockerExecutor({
    engine,
    images: openImages({
      engine,
      env: process.env,
      project: '/nowhere',
      pins: {},
      pinsPath: undefined,
    }),
    local: processExecutor(),
    graceMs: 300,
  });

describeExecutor('docker', make, () => ({ container }));
