import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Random } from '../base/random.ts';
import { SPANS_PATH } from '../langfuse/endpoints.ts';
import type { Protocol, Scenario } from '../scenario/scenario.ts';
import { generateTraffic } from './generated/generator.ts';
import { readRecording } from './recording/format.ts';
import { playRecording } from './recording/player.ts';
import type { Traffic } from './request.ts';

const RECORDINGS = fileURLToPath(new URL('../../scenarios/recordings/', import.meta.url));

/**
 * The traffic of a scenario. The same scenario and seed give the same requests, byte for byte; another seed gives
 * other ids, so that runs do not meet within one Langfuse project.
 *
 * @throws ChaosError `E_RECORDING_…` when the recording is missing, cut off, damaged or cannot be played
 */
export function openTraffic(traffic: Scenario['traffic'], random: Random): Traffic {
  if (traffic.kind === 'generated') return generateTraffic(traffic, random);
  const { speed, repeat } = traffic;
  return playRecording(readRecording(findRecording(traffic.file)), { speed, repeat, seed: random.seed });
}

/**
 * How the traffic of a scenario sends traces and observations.
 *
 * @throws ChaosError `E_RECORDING_…` as {@link openTraffic} does
 */
export function protocolOf(traffic: Scenario['traffic']): Protocol {
  if (traffic.kind === 'generated') return traffic.protocol ?? 'ingestion';
  const { requests } = readRecording(findRecording(traffic.file));
  return requests.some(({ path }) => path === SPANS_PATH) ? 'otlp' : 'ingestion';
}

/**
 * The same traffic with traces and observations as spans over OTLP: of a recording that is its counterpart, `<name>-otel.jsonl` beside it.
 *
 * @returns undefined for a recording that has none
 */
export function overOtlp(traffic: Scenario['traffic']): Scenario['traffic'] | undefined {
  if (protocolOf(traffic) === 'otlp') return traffic;
  if (traffic.kind === 'generated') return { ...traffic, protocol: 'otlp' };
  const file = traffic.file.replace(/(\.jsonl)?$/, '-otel.jsonl');
  return existsSync(findRecording(file)) ? { ...traffic, file } : undefined;
}

/** A recording that comes with the project, or else a file relative to the working directory. */
function findRecording(file: string): string {
  const ours = resolve(RECORDINGS, file);
  return existsSync(ours) ? ours : resolve(file);
}
