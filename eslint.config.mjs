import litA11y from 'eslint-plugin-lit-a11y';
import { configs as lit } from 'eslint-plugin-lit';
import { configs as wc } from 'eslint-plugin-wc';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** One rule per layer; a file of ours is under exactly one of them. `docs/architecture.md` gives the reasons. */
const layer = (files, ...patterns) => ({
  files,
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
});

const noLit = { regex: '^(lit|@lit)(/|$)', message: 'Lit lives in src/components and nowhere else.' };
const noElements = {
  regex: '/(components|define|workers|worklets)/',
  message: 'src/core knows nothing of elements and entry files.',
  allowTypeImports: false,
};
const throughIndex = (prefix) => ({
  regex: `${prefix}[a-z-]+/(?!index\\.js$)`,
  message: 'A core folder is reached through its index.js only.',
});

export default defineConfig(
  { ignores: ['dist/', '.cache/', 'coverage/', 'tour/', 'bench/**/vendor/', 'bench/**/node_modules/'] },
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },

  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: ['./tsconfig.test.json'], tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', caughtErrors: 'none', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      // An interface that is asynchronous for some is so for all.
      '@typescript-eslint/require-await': 'off',
      // Options are objects of functions, and are taken apart.
      '@typescript-eslint/unbound-method': 'off',
      eqeqeq: ['error', 'smart'],
    },
  },
  { files: ['**/*.{js,mjs}'], extends: [tseslint.configs.recommended] },

  { files: ['src/**/*.ts'], rules: { 'no-console': 'error' } },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/core/load-worker.ts', 'src/core/load-worklet.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name=/^(Shared)?Worker$/], CallExpression[callee.property.name='addModule']",
          message:
            'Workers and worklets are started by core/load-worker.ts and load-worklet.ts, which own the ladders.',
        },
      ],
    },
  },

  layer(['src/core/*.ts'], noLit, noElements, throughIndex('^\\./')),
  layer(['src/core/*/**/*.ts'], noLit, noElements, throughIndex('^(\\.\\./)+(?=[a-z-]+/)(?!\\.)')),
  layer(['src/core/{metrics,buffer}/**/*.ts'], {
    regex: '^(?!\\./)',
    message: 'metrics and buffer are leaves: every stage may import them, and they import nothing.',
  }),
  layer(
    ['src/components/**/*.ts'],
    { regex: '/(define|workers|worklets)/', message: 'Elements do not register themselves and start no workers.' },
    throughIndex('/core/'),
  ),
  layer(['src/define/**/*.ts'], noLit, {
    regex: '/(core|workers|worklets)/',
    message: 'A define file registers a component and does nothing else.',
  }),
  // A part is what a worker loads on demand, and may hold another package.
  layer(['src/workers/**/!(*.part).ts', 'src/worklets/**/*.ts'], {
    regex: '^(?!\\.\\./core/)',
    message: 'Worker entries are thin: they wire messages to core.',
  }),

  {
    files: ['src/components/**/*.ts', 'src/define/**/*.ts'],
    extends: [lit['flat/recommended'], wc['flat/best-practice']],
    plugins: { 'lit-a11y': litA11y },
    rules: {
      ...litA11y.configs.recommended.rules,
      // Not for elements that are registered elsewhere.
      'wc/file-name-matches-element': 'off',
      'wc/define-tag-after-class-definition': 'off',
      // `remove(id)` of the library is beside the DOM's `remove()`, and answers another way.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { inheritedMethods: false } }],
    },
  },

  {
    files: ['test/**/*.ts'],
    rules: {
      // Chai's assertions are expressions.
      '@typescript-eslint/no-unused-expressions': 'off',
      // `querySelector()!` says enough.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      // A fake rejects with what it is told to.
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            // @open-wc/semantic-dom-diff says that `equal()` gives a promise; it only does for snapshots.
            { from: 'package', package: 'chai', name: 'Equal' },
            { from: 'package', package: '@open-wc/semantic-dom-diff', name: 'Equal' },
            { from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] },
            { from: 'package', package: '@types/node', name: ['test', 'it', 'describe', 'suite'] },
          ],
        },
      ],
    },
  },
);
