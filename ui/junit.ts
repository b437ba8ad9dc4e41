/**
 * A run as a JUnit file, which most CI systems read: one test case per step. Pure; unaware of where
 * the file goes.
 */
import { assertNever } from '../schema/assert-never.ts';
import { logText } from './log-text.ts';
import { countOutcomes, type FinishedStep, type RunState } from './run-state.ts';
import { describeFailure, skipReason } from './words.ts';

export function junitReport(state: RunState): string {
  const { finished } = state;
  const counts = countOutcomes(finished);
  const skipped = counts.skipped + counts.cancelled;
  const totals = `tests="${finished.length}" failures="${counts.failed}" errors="0" skipped="${skipped}" time="${seconds(state.durationMs)}"`;
  const cases = finished.map(entry => testCase(entry, state.pipeline));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="sluice" ${totals}>`,
    `  <testsuite name="${escaped(state.pipeline)}" timestamp="${escaped(state.startedAt)}" ${totals}>`,
    `    <properties><property name="run" value="${escaped(state.run ?? '')}"/></properties>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(entry: FinishedStep, pipeline: string): string {
  const { step, durationMs } = entry;
  const open = `    <testcase classname="${escaped(pipeline)}" name="${escaped(step)}" time="${seconds(durationMs)}"`;
  const inner = content(entry);
  return inner === '' ? `${open}/>` : `${open}>${inner}</testcase>`;
}

function content({ outcome, tail }: FinishedStep): string {
  switch (outcome.kind) {
    case 'succeeded':
      return '';
    case 'up-to-date':
    case 'restored':
      return `<system-out>${escaped(`known from run ${outcome.madeBy}`)}</system-out>`;
    case 'failed': {
      const { what, help } = describeFailure(outcome.failure, tail);
      const text = [...tail.map(logText), ...(help === undefined ? [] : [`help: ${help}`])];
      return `<failure type="${escaped(outcome.failure.class)}" message="${escaped(what)}">${escaped(text.join('\n'))}</failure>`;
    }
    case 'skipped':
      return `<skipped message="${escaped(skipReason(outcome))}"/>`;
    case 'cancelled':
      return '<skipped message="cancelled"/>';
    default:
      return assertNever(outcome);
  }
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

/** What XML 1.0 cannot hold at all is left out. */
const escaped = (text: string): string =>
  text
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
