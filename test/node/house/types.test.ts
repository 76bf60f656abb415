import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** What TypeScript says to a page that uses the package by its name, as a bundler finds it: by package.json, in dist/. */

const root = fileURLToPath(new URL('../../../', import.meta.url));
const options: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  jsx: ts.JsxEmit.ReactJSX,
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  types: [],
};

const platform = ts.createCompilerHost(options, true);
const parsed = new Map<string, ts.SourceFile | undefined>();

/** The faults of a page's files, which are only here; the first is the page. */
function faultsOf(files: Readonly<Record<string, string>>): string[] {
  const pages = new Map(Object.entries(files).map(([name, text]) => [join(root, name), text]));
  const host: ts.CompilerHost = {
    ...platform,
    fileExists: (file) => pages.has(file) || platform.fileExists(file),
    readFile: (file) => pages.get(file) ?? platform.readFile(file),
    getSourceFile: (file, how) => {
      const text = pages.get(file);
      if (text !== undefined) return ts.createSourceFile(file, text, how);
      // The platform's own types are most of the work.
      if (!parsed.has(file)) parsed.set(file, platform.getSourceFile(file, how));
      return parsed.get(file);
    },
  };
  const program = ts.createProgram([...pages.keys()], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ file, messageText }) => `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}

const page = (...lines: string[]): string[] => faultsOf({ 'page.ts': lines.join('\n') });

/** The examples of a document in this language. */
const examples = (document: string, language: string): string[] => {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, code]) => code!);
};

describe('types of a page that imports', () => {
  it('all tags: elements and events are known', () => {
    const faults = page(
      `import 'onair-elements/define';`,
      `void document.querySelector('stream-recorder')!.start();`,
      `document.querySelector('main')!.addEventListener('oa-recorded', (event) => event.recording.download());`,
    );
    assert.deepEqual(faults, []);
  });

  it('one tag: that element is known, and its events', () => {
    const faults = page(
      `import 'onair-elements/define/recording-library';`,
      `const library = document.querySelector('recording-library')!;`,
      `library.addEventListener('oa-recovered', ({ recording }) => library.remove(recording.id));`,
    );
    assert.deepEqual(faults, []);
  });

  it('no tag: none is known', () => {
    assert.deepEqual(page(`export {};`, `document.querySelector('stream-recorder')!.start();`), [
      `${join(root, 'page.ts')}: Property 'start' does not exist on type 'Element'.`,
    ]);
  });

  it('the example of README.md', () => {
    const example = examples('README.md', 'js').find((text) => text.includes('oa-recorded'))!;
    // TypeScript wants to be told that it is there.
    const sure = example.replace(`querySelector('stream-recorder')`, `querySelector('stream-recorder')!`);
    assert.deepEqual(page(`import 'onair-elements/define';`, sure), []);
  });

  it('elements: each tells its own states, and a meter the cause', () => {
    const faults = page(
      `import 'onair-elements/define';`,
      `import type { Cause, LevelMeterPhase, MonitorState, ProducerPhase, PublisherPhase, RecorderPhase } from 'onair-elements';`,
      `declare function find<T extends keyof HTMLElementTagNameMap>(tag: T): HTMLElementTagNameMap[T];`,
      `find('media-producer').addEventListener('oa-statechange', ({ state }) => { const own: ProducerPhase = state; return own; });`,
      `find('stream-recorder').addEventListener('oa-statechange', ({ previous }) => { const own: RecorderPhase = previous; return own; });`,
      `find('stream-publisher').addEventListener('oa-statechange', ({ state }) => { const own: PublisherPhase = state; return own; });`,
      `find('audio-level').addEventListener('oa-statechange', ({ state }) => { const own: LevelMeterPhase = state; return own; });`,
      `const meter = find('perf-meter');`,
      `meter.addEventListener('oa-statechange', function hear({ state, cause }) {`,
      `  const own: [MonitorState, Cause | null, string] = [state, cause, this.view];`,
      `  this.removeEventListener('oa-statechange', hear);`,
      `  return own;`,
      `}, { once: true });`,
      `meter.addEventListener('click', ({ clientX }) => clientX);`,
      `meter.addEventListener('their-own', { handleEvent: (event) => event.type });`,
      `export const element: HTMLElement = meter;`,
    );
    assert.deepEqual(faults, []);
  });

  it('elements: what a meter tells, a recorder does not', () => {
    const faults = page(
      `import 'onair-elements/define';`,
      `document.querySelector('stream-recorder')!.addEventListener('oa-statechange', (event) => event.cause);`,
    );
    assert.equal(faults.length, 1, faults.join('\n'));
    assert.match(faults[0]!, /'cause' does not exist on type 'StateChangeEvent<RecorderPhase>'/);
  });

  it('React: the declarations of docs/embedding.md make its example right', () => {
    const [declarations] = examples('docs/embedding.md', 'ts').filter((text) =>
      text.includes(`declare module 'react'`),
    );
    const [example] = examples('docs/embedding.md', 'jsx');
    const faults = faultsOf({
      'page.tsx': `${example!.replace('<media-producer>', 'export default <media-producer>')}
        declare function keep(recording: import('onair-elements').Recording): void;`,
      'tags.ts': declarations!,
      // As much of React's own types as the declarations name.
      'react.d.ts': `
        declare module 'react' {
          interface HTMLAttributes<T> { children?: unknown; className?: string; onClick?: (event: { currentTarget: T }) => void }
          interface ClassAttributes<T> { key?: string; ref?: (element: T | null) => void }
          type DetailedHTMLProps<E extends HTMLAttributes<T>, T> = ClassAttributes<T> & E;
          namespace JSX { interface IntrinsicElements {} interface Element {} interface ElementChildrenAttribute { children: unknown } }
        }
        declare module 'react/jsx-runtime' { export { JSX } from 'react'; }`,
    });
    assert.deepEqual(faults, []);
  });
});
