import { describe, expect, test } from 'vitest';
import { address, newFolder } from '../../../../test/harness/containers.ts';
import { once, openWarm } from '../../../../test/harness/warm-containers.ts';

describe.skipIf(address === null)('on a real engine', () => {
  describe('what a step leaves costs the container, and the next step sees none of it', () => {
    const look =
      'ls -A /tmp /var/tmp /run /dev/shm /dev/mqueue; ls /dev | grep mine; ps | grep -c "[s]leep 300"';
    const shown = ['/dev/mqueue', '/dev/shm', '/run', '/tmp', '/var/tmp'];
    const nothing = `${shown.map(folder => `${folder}:\n`).join('\n')}0\n`;

    test.each([
      ['a file in /tmp', ': > /tmp/left'],
      ['a hidden file in /var/tmp', ': > /var/tmp/.left'],
      ['a file with a strange name in /run', ': > /run/..left'],
      ['a link that leads nowhere', 'ln -s /nowhere /tmp/left'],
      ['shared memory', ': > /dev/shm/left'],
      ['a message queue', ': > /dev/mqueue/left'],
      ['a process', 'sleep 300 & :'],
      ['a process that has closed its streams', 'sleep 300 >/dev/null 2>&1 </dev/null & :'],
      ['a daemon', '(setsid sleep 300 >/dev/null 2>&1 </dev/null &)'],
      [
        'packets on the loopback',
        'nc -l -p 8001 >/dev/null & while ! echo x | nc 127.0.0.1 8001; do :; done; wait',
      ],
      // These take an owner of the folders: they leave no trace where the step is nobody special.
      ...(process.getuid?.() === 0
        ? [
            ['a device folder with something in it', ': > /dev/mine'],
            ['a folder of everybody that is closed', 'chmod 700 /tmp'],
            ['a trace of what is gone again', ': > /tmp/left; rm /tmp/left'],
          ]
        : []),
    ])('%s', async (_, script) => {
      await using warm = openWarm();
      const { termination } = await once(warm.executor, script);
      expect(termination).toEqual({ kind: 'exited', code: 0 });
      expect(await warm.containers()).toEqual([]);
      expect((await once(warm.executor, look)).stdout).toBe(nothing);
    });

    test('System V shared memory', async () => {
      await using warm = openWarm();
      const workdir = newFolder();
      const host = ['/usr', '/lib', '/lib64'].map(path => ({
        source: path,
        target: path,
        writable: false,
      }));
      const binds = [{ source: workdir, target: '/sluice/work', writable: true }, ...host];
      const { stdout } = await once(warm.executor, '/usr/bin/ipcmk -M 4096', { workdir, binds });
      expect(stdout).toContain('Shared memory id');
      expect(await warm.containers()).toEqual([]);
    });

    test('a folder of its outputs that it made another', async () => {
      await using warm = openWarm();
      await once(warm.executor, 'chmod 711 .');
      expect(await warm.containers()).toEqual([]);
    });
  });
});
