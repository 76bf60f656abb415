/** How custom-elements.json is made from the sources; `tools/manifest.mjs` runs it. */
export default {
  globs: ['src/components/**/*.ts', 'src/define/*.ts'],
  litelement: true,
  packagejson: false,
  quiet: true,
  plugins: [eventClasses(), attributes(), methods(), definitions(), publicOnly(), shippedPaths()],
};

const declarationsOf = (manifest) =>
  manifest.modules.flatMap((module) => (module.declarations ?? []).map((declaration) => ({ module, declaration })));

/**
 * Events are classes that name themselves in `super('oa-…')`. The analyzer takes the first argument of a dispatched event
 * for its name (`new ProgressEvent(1)` would be an event called "1"), so names come from the class, and what has none that
 * starts with `oa-` is not ours to tell of.
 */
function eventClasses() {
  const names = new Map();
  return {
    name: 'onair-event-classes',
    analyzePhase({ ts, node }) {
      if (!ts.isClassDeclaration(node) || !node.name) return;
      const named = /\bsuper\('(oa-[a-z]+)'/.exec(node.getText());
      if (named) names.set(node.name.getText(), named[1]);
    },
    packageLinkPhase({ customElementsManifest }) {
      for (const { declaration } of declarationsOf(customElementsManifest)) {
        if (!declaration.events) continue;
        const byName = new Map();
        for (const event of declaration.events) {
          const name = event.name?.startsWith('oa-') ? event.name : names.get(event.type?.text);
          if (name) byName.set(name, { ...byName.get(name), ...event, name });
        }
        // What the common base can dispatch, an element does only where it says so.
        const told = [...byName.values()].filter((event) => event.description || !event.inheritedFrom);
        const sorted = told.sort((a, b) => a.name.localeCompare(b.name));
        if (sorted.length > 0) declaration.events = sorted;
        else delete declaration.events;
      }
    },
  };
}

/** The text of a JSDoc tag in one line. */
const textOf = (ts, tag) => (ts.getTextOfJSDocComment(tag.comment) ?? '').replace(/\s+/g, ' ').trim();

/**
 * Attributes are named as their properties, in kebab case (`shared/decorators.ts`); the analyzer, which knows Lit's own
 * decorators, takes the property's name for that of the attribute. Where both have the same name it forgets what the class
 * says of the attribute, and so that is read again: by its name, it wins over what the field says.
 */
function attributes() {
  const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  /** By the name of the class, then of the attribute. */
  const told = new Map();
  return {
    name: 'onair-attributes',
    analyzePhase({ ts, node }) {
      if (!ts.isClassDeclaration(node) || !node.name) return;
      const ofClass = new Map();
      for (const tag of ts.getJSDocTags(node)) {
        if (tag.tagName.text !== 'attr') continue;
        const [, type, name, description] = /^\{(.+?)\} ([a-z-]+) - (.+)$/.exec(textOf(ts, tag)) ?? [];
        if (!name) throw new Error(`${node.name.text}: write @attr {type} name - What it is.`);
        ofClass.set(name, { type: { text: type }, description });
      }
      told.set(node.name.text, ofClass);
    },
    packageLinkPhase({ customElementsManifest }) {
      for (const { declaration } of declarationsOf(customElementsManifest)) {
        for (const member of declaration.members ?? []) {
          if (member.attribute) member.attribute = kebab(member.attribute);
        }
        const byName = new Map();
        for (const attribute of declaration.attributes ?? []) {
          const name = kebab(attribute.name);
          const ofClass = told.get(declaration.name)?.get(name);
          byName.set(name, { ...attribute, ...byName.get(name), ...ofClass, name });
        }
        if (byName.size > 0) declaration.attributes = [...byName.values()];
      }
    },
  };
}

/**
 * What a method throws is part of its description. Of one with overloads the analyzer tells each, and then the signature of
 * what carries them out, which nobody can call.
 */
function methods() {
  return {
    name: 'onair-methods',
    analyzePhase({ ts, node, moduleDoc }) {
      if (!ts.isClassDeclaration(node) || !node.name) return;
      const { members = [] } = moduleDoc.declarations.find(({ name }) => name === node.name.text) ?? {};
      const written = node.members.filter(ts.isMethodDeclaration);
      for (const name of new Set(written.map((method) => method.name.getText()))) {
        const all = written.filter((method) => method.name.getText() === name);
        const found = members.filter((member) => member.kind === 'method' && member.name === name);
        if (found.length !== all.length) continue; // What is internal is not among them.
        found.forEach((member, index) => {
          const thrown = ts.getJSDocTags(all[index]).filter((tag) => tag.tagName.text === 'throws');
          const sentences = thrown.map((tag) => `Throws ${textOf(ts, tag)}.`.replace(/\.\.$/, '.'));
          if (sentences.length > 0) member.description = [member.description, ...sentences].join(' ');
        });
        if (all.length > 1) members.splice(members.indexOf(found.at(-1)), 1);
      }
    },
  };
}

/** Tags are registered by `safeDefine('tag', Class)` in src/define, which the analyzer does not know. */
function definitions() {
  const tags = [];
  return {
    name: 'onair-definitions',
    analyzePhase({ ts, node, moduleDoc }) {
      if (!ts.isCallExpression(node) || node.expression.getText() !== 'safeDefine') return;
      const [tag, element] = node.arguments;
      if (tag && element && ts.isStringLiteral(tag))
        tags.push({ tag: tag.text, name: element.getText(), from: moduleDoc.path });
    },
    packageLinkPhase({ customElementsManifest }) {
      const all = declarationsOf(customElementsManifest);
      for (const { tag, name, from } of tags) {
        const found = all.find(({ declaration }) => declaration.kind === 'class' && declaration.name === name);
        const definer = customElementsManifest.modules.find((module) => module.path === from);
        if (!found || !definer) continue;
        found.declaration.tagName = tag;
        found.declaration.customElement = true;
        definer.exports = [
          ...(definer.exports ?? []).filter((entry) => entry.name !== tag),
          { kind: 'custom-element-definition', name: tag, declaration: { name, module: found.module.path } },
        ];
      }
    },
  };
}

/** A manifest is for those who use the tags: what is private, inherited from Lit's life cycle or no element is left out. */
function publicOnly() {
  const lifeCycle =
    /^(styles|formAssociated|(add|remove)EventListener|shadowRootOptions|observedAttributes|(connected|disconnected|adopted|attributeChanged|connectedMove)Callback|form\w+Callback|createRenderRoot|render|(will|should|first|get|schedule|perform)?[uU]pdated?|getUpdateComplete|scheduleUpdate)$/;
  const isPublic = ({ name, privacy }) =>
    (privacy === undefined || privacy === 'public') && !/^[#_]/.test(name) && !lifeCycle.test(name);
  return {
    name: 'onair-public-only',
    packageLinkPhase({ customElementsManifest }) {
      const { modules } = customElementsManifest;
      for (const module of modules) {
        const kept = new Set();
        module.declarations = (module.declarations ?? []).filter((declaration) => {
          if (!declaration.tagName) return false;
          declaration.members = declaration.members?.filter(isPublic);
          kept.add(declaration.name);
          return true;
        });
        module.exports = (module.exports ?? []).filter(
          (entry) => entry.kind === 'custom-element-definition' || kept.has(entry.declaration?.name),
        );
      }
      customElementsManifest.modules = modules.filter((module) => module.exports.length > 0);
    },
  };
}

/** The package holds dist/ and not src/. */
function shippedPaths() {
  const shipped = (path) => path?.replace(/^\/?src\//, 'dist/').replace(/\.ts$/, '.js');
  const walk = (value) => {
    if (typeof value !== 'object' || value === null) return;
    for (const key of ['path', 'module']) if (typeof value[key] === 'string') value[key] = shipped(value[key]);
    Object.values(value).forEach(walk);
  };
  return {
    name: 'onair-shipped-paths',
    packageLinkPhase({ customElementsManifest }) {
      customElementsManifest.schemaVersion = '2.1.0';
      customElementsManifest.readme = 'README.md';
      customElementsManifest.modules.sort((a, b) => a.path.localeCompare(b.path));
      walk(customElementsManifest);
    },
  };
}
