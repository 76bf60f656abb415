import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { types: string; default: string } | null>;
  sideEffects: string[];
  files: string[];
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

/** The files that an entry of `exports` stands for, with what a page writes to get them. */
function filesOf(entry: string): { specifier: string; file: string }[] {
  const target = manifest.exports[entry];
  if (target === null || target === undefined) return [];
  const file = typeof target === 'string' ? target : target.default;
  if (!file.includes('*')) return [{ specifier: join('onair-elements', entry), file }];
  const [before = '', after = ''] = file.split('*');
  const folder = join(root, before);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(after) && name.includes('.'))
    .map((name) => name.slice(0, name.length - after.length))
    .filter((name) => manifest.exports[entry.replace('*', name)] !== null)
    .map((name) => ({ specifier: join('onair-elements', entry.replace('*', name)), file: before + name + after }));
}

const all = Object.keys(manifest.exports).flatMap(filesOf);
// A worker or a worklet is not imported but started, in a scope that Node has not; a part is for workers only.
const imported = all.filter(({ file }) => /\.js$/.test(file) && !/\.(worker|worklet|part)\.js$/.test(file));

/** Imports a module in a fresh Node, and tells what has changed. */
function importAlone(specifier: string): Promise<{ code: number | null; said: string }> {
  const script = `
    const before = new Set(Reflect.ownKeys(globalThis));
    await import(${JSON.stringify(specifier)});
    // Lit's own: its versions, so that it can warn of several, and the registry that it brings for rendering on a server.
    const lits = /^(lit[A-Z]|reactiveElementVersions$|customElements$)/;
    const added = Reflect.ownKeys(globalThis).filter((key) => !before.has(key) && !lits.test(String(key)));
    if (added.length > 0) console.log('globals: ' + added.map(String).join(', '));
    const active = process.getActiveResourcesInfo().filter((name) => !/^(PipeWrap|TTYWrap|CloseReq|FSReqPromise)$/.test(name));
    if (active.length > 0) console.log('left running: ' + active.join(', '));
  `;
  return new Promise((resolve, reject) => {
    // By its own name, as a page's bundler would resolve it.
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { cwd: root, timeout: 30_000 });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, said }));
  });
}

describe('the entries of the package', () => {
  it('are all there, with types', () => {
    for (const [entry, target] of Object.entries(manifest.exports)) {
      if (target === null || /^\.\/worklets/.test(entry)) continue;
      const files = filesOf(entry);
      assert.ok(files.length > 0, `${entry} leads to no file`);
      for (const { file } of files) {
        assert.ok(existsSync(join(root, file)), `${entry}: ${file} is missing`);
        if (typeof target !== 'string')
          assert.ok(existsSync(join(root, file.replace(/\.js$/, '.d.ts'))), `${file} has no types`);
      }
    }
  });

  it('have a worklet of levels that stands alone, and is longer than 4 KB', () => {
    const text = readFileSync(join(root, 'dist/worklets/level.worklet.js'), 'utf8');
    assert.ok(text.length > 4096, `${text.length} bytes`);
    assert.doesNotMatch(text, /\bimport\b|\bexport\b/);
    assert.match(text, /registerProcessor\("onair-level"/);
  });

  for (const { specifier } of imported) {
    it(`${specifier} can be imported in Node, and nothing happens`, async () => {
      assert.deepEqual(await importAlone(specifier), { code: 0, said: '' });
    });
  }
});

describe('a bundle', () => {
  for (const entry of ['onair-elements', 'onair-elements/core']) {
    it(`of a bare import of ${entry} holds nothing`, async () => {
      const bare = `import ${JSON.stringify(entry)};`;
      const bundle = await rollup({
        input: 'bare',
        plugins: [
          {
            name: 'bare',
            resolveId: (id) => (id === 'bare' ? join(root, 'bare.js') : null),
            load: (id) => (id === join(root, 'bare.js') ? bare : null),
          },
          nodeResolve(),
        ],
        onLog: () => {},
      });
      const { output } = await bundle.generate({ format: 'es' });
      await bundle.close();
      assert.deepEqual(
        output.map((chunk) => (chunk.type === 'chunk' ? chunk.code.trim() : chunk.fileName)),
        [''],
      );
    });
  }
});

describe('package.json', () => {
  it('packs a fresh clone: what builds for it needs no package before it has installed them', () => {
    for (const file of ['tools/build.mjs', 'tools/prepare.mjs']) {
      const text = readFileSync(join(root, file), 'utf8');
      const asked = [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom '([^']+)'/gm)].map(([, name]) => name!);
      assert.ok(asked.length > 2, file);
      assert.deepEqual(
        asked.filter((name) => !/^(node:|\.\/prepare\.mjs$)/.test(name)),
        [],
        file,
      );
    }
  });

  it('names exactly the files that register tags as side effects', () => {
    assert.deepEqual(manifest.sideEffects, ['./dist/define/*.js', './dist/cdn/onair.js']);
  });

  it('pins every dependency', () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }))
      assert.match(version, /^(npm:@rollup\/wasm-node@)?\d+\.\d+\.\d+$/, name);
  });
});
