/**
 * A project of which everything is stored: of each kind a step, of each field of a fingerprint a
 * value, of each kind of entry one in a folder. Unaware of what is expected of it.
 */
import { cpSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Trace } from '../../../schema/trace.ts';
import { CacheProject } from '../cache/project.ts';
import { below } from '../cache/stored.ts';

/** One of everything that a folder may hold. */
export const SITE = [
  'mkdir -p $O/empty $O/Äpfel $O/deep/er',
  'echo one > "$O/a b"; echo two > $O/Äpfel/ü; echo two > $O/deep/er/same; : > $O/nothing',
  "printf '#!/bin/sh\\n' > $O/run; chmod 755 $O/run; printf x > $O/others; chmod 655 $O/others",
  'ln -s deep/er/same $O/link; ln -s ../nowhere $O/deep/dangling',
  // Sorted by bytes, not by UTF-16 units: the first takes four bytes, the second three.
  'touch "$O/$(printf \'\\360\\220\\200\\200\')" "$O/$(printf \'\\357\\274\\241\')" $O/B $O/a',
  'touch "$O/$(printf \'line\\nbreak\')"; head -c 2000000 /dev/zero > $O/large',
].join('; ');

const KEEP = `state=$(sed -n 's/.*"state": *"\\([^"]*\\)".*/\\1/p' "$SLUICE_STEP")
cp "$SLUICE_IN_X" "$state/it"; ln -sfn it "$state/now"
echo "{\\"files\\":{\\"it\\":\\"$(sha256sum < "$state/it" | cut -c 1-64)\\",\\"now\\":\\"link:it\\"}}" > out/.receipt.json
`;

const FILES = {
  'in.txt': 'content\n',
  'steps/crop/step.yaml':
    'step: crop\nversion: 1.0.0\nparams: { width: { type: float, default: 3.5e-7 }, word: { type: string, default: "\\ud83d\\ude00" } }\nin: { data: dir }\nout: { data: file }\nrun: [sh, main.sh]\nincludes: [../shared]\npackages: [cutter, absent]\n',
  'steps/crop/main.sh': 'wc -c < $SLUICE_IN_DATA/large > $SLUICE_OUT_DATA\n',
  'steps/shared/tool.sh': '',
  'steps/keep/step.yaml':
    'step: keep\nversion: 1.0.0\nkind: effect\nin: { x: file }\ncheck: receipt\nstate: kept\nrun: [sh, main.sh]\n',
  'steps/keep/main.sh': KEEP,
  'node_modules/cutter/package.json': '{ "version": "1.0.0" }',
};

const placed = (type: string, to: string) => ({ type, to });

/** Of each kind a step, of each field of a fingerprint a value. */
export const document = (salt?: string) => ({
  steps: {
    world: {
      kind: 'source',
      probe: 'echo " état 1"',
      run: 'echo 1 > ${{ out.x }}',
      out: { x: 'file' },
    },
    site: {
      run: `O=\${{ out.site }}; ${SITE}`,
      in: { x: './in.txt' },
      out: { site: placed('dir', 'site') },
      ...(salt !== undefined && { cache: { salt } }),
    },
    dice: { run: 'date +%N > ${{ out.x }}', out: { x: placed('file', 'dice.txt') } },
    crop: { uses: './steps/crop', in: { data: 'site.site' } },
    many: {
      run: ['sh', '-c', 'cat in/xs/* > "$SLUICE_OUT_Y"'],
      in: { xs: ['crop.data', 'world.x'] },
      out: { y: placed('file', 'many.txt') },
      env: { EMPTY: '', WORD: 'ü"\\\n' },
      files: ['in.txt'],
    },
    keep: { uses: './steps/keep', in: { x: 'many.y' } },
  },
});

export async function sample(): Promise<CacheProject> {
  const project = new CacheProject(FILES);
  project.pipeline(document());
  expect(await project.run()).toMatchObject({ code: 0, warnings: [] });
  return project;
}

/** Where a project lies is in no key. */
export function copyOf(original: CacheProject): CacheProject {
  const project = new CacheProject({});
  cpSync(original.files.root, project.files.root, { recursive: true, verbatimSymlinks: true });
  return project;
}

export const storeOf = (project: CacheProject): string => project.files.path('.sluice');

/** A trace, and the file that it is. */
export type Stored = Trace & { readonly path: string };

/** Oldest first. */
export const tracesOf = (project: CacheProject): readonly Stored[] =>
  below(project, 'traces')
    .map((path): Stored => ({ ...JSON.parse(readFileSync(path, 'utf8')), path }))
    .sort((a, b) => (a.made.at < b.made.at ? -1 : 1));

/** That of an output port. */
export function traceOf(project: CacheProject, port: string): Stored {
  const trace = tracesOf(project).find(({ outputs }) => port in outputs);
  if (trace === undefined) throw new Error(`nothing has made ${port}`);
  return trace;
}

export const blob = (project: CacheProject, digest: string): string =>
  project.files.path('.sluice/blobs', digest.slice(0, 2), digest.slice(2));

export const verified = async (project: CacheProject): Promise<number | null> =>
  (await project.files.sluice(['store', 'verify'])).code;
