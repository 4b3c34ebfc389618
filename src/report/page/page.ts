import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Markup, markup } from '../markup.ts';

/** The files that go into a page, as paths from the folder above or as files of an npm package. */
export interface PageFiles {
  readonly styles: readonly string[];
  readonly scripts: readonly string[];
}

/**
 * A page as one HTML file that needs no network: style sheets and scripts are inside. Its content security policy names them by
 * their hashes and allows nothing else, so even markup that slipped in could neither run nor fetch anything.
 */
export function renderPage(title: string, body: Markup, files: PageFiles): string {
  const styles = files.styles.map(fileText);
  const scripts = files.scripts.map(fileText);
  const policy = `default-src 'none'; img-src data:; style-src ${hashes(styles)}; script-src ${hashes(scripts)}; base-uri 'none'; form-action 'none'`;
  return `${markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title} – langfuse-chaos</title>
${styles.map((text) => new Markup(`<style>${text}</style>\n`))}</head>
<body>
<main>
${body}</main>
${scripts.map((text) => new Markup(`<script>${text}</script>\n`))}</body>
</html>`}\n`;
}

/** There is no build step that could have put it here. */
function fileText(specifier: string): string {
  const from = specifier.startsWith('.')
    ? new URL(`../${specifier}`, import.meta.url).href
    : import.meta.resolve(specifier);
  return readFileSync(fileURLToPath(from), 'utf8');
}

/** Where there is none, none may run. */
function hashes(texts: readonly string[]): string {
  if (texts.length === 0) return "'none'";
  return texts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`).join(' ');
}
