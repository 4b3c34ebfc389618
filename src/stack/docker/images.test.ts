import { expect, test } from 'vitest';
import { langfuseImage } from './images.ts';

test('the image of a version: from Docker Hub, and from Langfuse’s own registry since 4.14.0', () => {
  expect(langfuseImage('web', '3.36.0')).toBe('docker.io/langfuse/langfuse:3.36.0');
  expect(langfuseImage('worker', '3.225.4')).toBe('docker.io/langfuse/langfuse-worker:3.225.4');
  expect(langfuseImage('web', '4.13.2')).toBe('docker.io/langfuse/langfuse:4.13.2');
  expect(langfuseImage('web', '4.14.0')).toBe('docker.langfuse.com/langfuse/langfuse:4.14.0');
  expect(langfuseImage('worker', '5.0.0')).toBe('docker.langfuse.com/langfuse/langfuse-worker:5.0.0');
});
