/** What the sources say, for the documents that are made of them: members of interfaces, faults and their sentences. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root } from './prepare.mjs';

const source = (file) => path.join(root, 'src', file);

let program;

/** Parsed once, when it is first asked for. */
function parsed() {
  if (program) return program;
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  program = ts.createProgram(fileNames, options);
  return program;
}

const text = (parts) => ts.displayPartsToString(parts).replace(/\s+/g, ' ').trim();

/** The comment of a symbol, with what it throws. */
function described(symbol) {
  const thrown = symbol.getJsDocTags().filter(({ name }) => name === 'throws');
  const sentences = thrown.map((tag) => `Throws ${text(tag.text)}.`);
  return [text(symbol.getDocumentationComment(parsed().getTypeChecker())), ...sentences].filter(Boolean).join(' ');
}

/**
 * What a module of src/ exports: each name, what it stands for, and whether that is more than a type.
 *
 * @returns {{ name: string, symbol: import('typescript').Symbol, isValue: boolean }[]}
 */
export function exportsOf(file) {
  const checker = parsed().getTypeChecker();
  const module = checker.getSymbolAtLocation(parsed().getSourceFile(source(file)));
  return checker.getExportsOfModule(module).map((symbol) => {
    const isTypeOnly = symbol.declarations.some(ts.isTypeOnlyImportOrExportDeclaration);
    const meant = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    return { name: symbol.name, symbol: meant, isValue: !isTypeOnly && Boolean(meant.flags & ts.SymbolFlags.Value) };
  });
}

/**
 * An interface that the package exports, with all that it inherits. What is in an object of a member is told by its path.
 *
 * @returns {{ description: string, members: { name: string, type: string, description: string }[] }}
 */
export function interfaceOf(name) {
  const checker = parsed().getTypeChecker();
  const { symbol } = exportsOf('index.ts').find((entry) => entry.name === name);
  return { description: described(symbol), members: membersOf(checker.getDeclaredTypeOfSymbol(symbol), '') };
}

function membersOf(type, within) {
  const checker = parsed().getTypeChecker();
  return checker.getPropertiesOfType(type).flatMap((property) => {
    const [declaration] = property.declarations;
    const name = `${within}${property.name}${ts.isMethodSignature(declaration) ? '()' : ''}`;
    const written = declaration.type;
    const parts = ts.isUnionTypeNode(written) ? [...written.types] : [written];
    const object = parts.find(ts.isTypeLiteralNode);
    const own = parts.map((part) => (part === object ? 'object' : part.getText())).join(' | ');
    const row = { name, type: own, description: described(property) };
    return object ? [row, ...membersOf(checker.getTypeAtLocation(object), `${name}.`)] : [row];
  });
}

/**
 * Every code that a fault can have, as `src/core/errors.ts` lists and groups them.
 *
 * @returns {{ group: string, code: string, meaning: string }[]}
 */
export function codes() {
  let group = '';
  return readFileSync(source('core/errors.ts'), 'utf8')
    .split('\n')
    .flatMap((line) => {
      group =
        /^ {2}\/\/ (.+)$/.exec(line)?.[1] ?? (line.startsWith('export type LiveErrorCode') ? 'Broadcasts' : group);
      const [, code, meaning] = /^ {2}\| '([a-z-]+)';? \/\/ (.+)$/.exec(line) ?? [];
      return code ? [{ group, code, meaning }] : [];
    });
}

/**
 * English sentences of the sources whose keys `wanted` takes: those of tables, and those that a fault is made with, which go
 * by its code.
 *
 * @returns {{ key: string, sentence: string, file: string, inTable: boolean }[]}
 */
export function sentencesOf(wanted) {
  const checker = parsed().getTypeChecker();
  const found = [];
  for (const file of parsed().getSourceFiles()) {
    const name = path.relative(path.join(root, 'src'), file.fileName).split(path.sep).join('/');
    if (name.startsWith('..')) continue;
    const add = (key, sentence, inTable) => {
      // A table may also give a word for another one.
      if (wanted(key) && sentence.includes(' ')) found.push({ key, sentence, file: name, inTable });
    };
    const visit = (node) => {
      if (ts.isPropertyAssignment(node) && ts.isStringLiteralLike(node.initializer) && 'text' in node.name)
        add(node.name.text, node.initializer.text, true);
      if (ts.isNewExpression(node) && node.expression.getText() === 'OnAirError') {
        const [code, words] = node.arguments.map((argument) => checker.getTypeAtLocation(argument));
        if (code.isStringLiteral() && words.isStringLiteral()) add(code.value, words.value, false);
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return found;
}
