import { expect, test } from 'vitest';
import { interpretersIn, interpretersOf } from './interpreter-line.ts';

test.each<[string, readonly string[]]>([
  ['#!/bin/sh\necho', ['/bin/sh']],
  ['#! /bin/sh -e\n', ['/bin/sh']],
  ['#!/bin/sh', ['/bin/sh']],
  ['#!/usr/bin/env python3\n', ['/usr/bin/env', 'python3']],
  ['#!/usr/bin/env -S LC_ALL=C python3 -u\n', ['/usr/bin/env', 'python3']],
  ['#!/usr/bin/env\npython3', ['/usr/bin/env']],
  ['#!sh\n', []],
  ['# no such line\n#!/bin/sh\n', []],
  ['\u007fELF', []],
  ['', []],
])('a script that begins with %j is started by %j', (text, programs) => {
  expect(interpretersIn(text)).toEqual(programs);
});

test('what cannot be read is started by nobody', () => {
  expect(interpretersOf('/nowhere/at/all')).toEqual([]);
});
