/** What a page downloads of a module that a bundler has been over. */
import { nodeResolve } from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import { rollup } from 'rollup';

/**
 * What a bundler makes of these files (absolute paths); what they import dynamically stays outside. Files that do nothing by
 * themselves are taken as a whole by `export * from`.
 * @param {readonly string[]} files
 * @param {{ take?: 'import' | 'export * from', told?: (modules: Record<string, import('rollup').RenderedModule>) => void }} [options]
 */
export async function bundle(files, { take = 'import', told = () => {} } = {}) {
  const entry = '\0entry';
  const build = await rollup({
    input: entry,
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? files.map((file) => `${take} ${JSON.stringify(file)};`).join('\n') : null),
        resolveDynamicImport: (specifier) => ({ id: String(specifier), external: true }),
      },
      nodeResolve({ browser: true, exportConditions: ['production'] }),
      terser({ module: true }),
    ],
    onwarn: () => {},
  });
  const { output } = await build.generate({ format: 'es' });
  told(output[0].modules);
  return output.map((chunk) => chunk.code).join('');
}
