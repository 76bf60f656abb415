/** The text of docs/elements.md, made of the manifest, so that it cannot drift from the sources. */
import { format } from 'prettier';

/** In the order in which a page needs them; what is new comes after. */
const ORDER = [
  'media-producer',
  'stream-recorder',
  'recording-library',
  'stream-publisher',
  'audio-level',
  'perf-meter',
  'stream-pool-status',
];

/** @param {{ modules: { declarations?: object[] }[] }} manifest @returns {Promise<string>} */
export async function elementsReference(manifest) {
  const elements = manifest.modules.flatMap(({ declarations = [] }) => declarations).filter(({ tagName }) => tagName);
  const place = ({ tagName }) => (ORDER.indexOf(tagName) + ORDER.length + 1) % (ORDER.length + 1);
  elements.sort((a, b) => place(a) - place(b) || a.tagName.localeCompare(b.tagName));
  return format(`${opening}\n\n${elements.map(section).join('\n\n')}\n`, { parser: 'markdown', printWidth: 120 });
}

const opening = `# Elements

<!-- Written by \`npm run manifest\`. Change the comments in src/components instead. -->

Durations are seconds, bitrates bits per second, sizes bytes. A setting is a request; what is really in use is told by a
property whose name begins with \`active\`. An attribute that is not understood counts as its default and never throws.

Events are subclasses of \`Event\` with typed fields. Each fires after the state it tells of can be read. Changes of an
element's own state do not bubble; results and faults do, and \`source\` of a fault tells whose it is.`;

function section(element) {
  const { tagName, description, attributes = [], members = [] } = element;
  const isPublic = ({ privacy, static: own, name }) =>
    !own && (privacy ?? 'public') === 'public' && !name.startsWith('#');
  const fields = members.filter((member) => member.kind === 'field' && isPublic(member) && !member.attribute);
  const methods = members.filter((member) => member.kind === 'method' && isPublic(member) && !isCallback(member));
  return [
    `## \`<${tagName}>\``,
    description,
    table('Attributes', ['Attribute', 'Property', 'Type', 'Default', ''], attributes, attributeRow),
    table('Properties', ['Property', 'Type', ''], fields, fieldRow),
    table('Methods', ['Method', 'Answers', ''], methods, methodRow),
    table('Events', ['Event', 'Class', ''], element.events, ({ name, type, description }) => [
      code(name),
      code(type?.text),
      description,
    ]),
    table('Slots', ['Slot', ''], element.slots, ({ name, description }) => [
      name ? code(name) : 'default',
      description,
    ]),
    table('Parts', ['`::part()`', ''], element.cssParts, named),
    table('States', ['`:state()`', ''], element.cssStates, named),
    table('Custom properties', ['Property', 'Default', ''], element.cssProperties, (property) => [
      code(property.name),
      code(property.default),
      property.description,
    ]),
  ]
    .filter(Boolean)
    .join('\n\n');
}

const isCallback = ({ name }) => /Callback$|^(requestUpdate|updated|willUpdate|render)$/.test(name);

const attributeRow = ({ name, fieldName, type, default: initial, description }) => [
  code(name),
  fieldName && fieldName !== name ? code(fieldName) : '',
  code(type?.text),
  // What is null or empty by default is told by the description.
  initial && !/^(null|''|false)$/.test(initial) ? code(initial.replaceAll("'", '')) : '',
  description,
];
const fieldRow = ({ name, type, readonly, description }) => [
  code(name),
  code(type?.text),
  [description, readonly ? 'Read only.' : ''].filter(Boolean).join(' '),
];
const methodRow = ({ name, parameters = [], return: answer, description }) => [
  code(`${name}(${parameters.map((parameter) => parameter.name).join(', ')})`),
  code(answer?.type?.text),
  description,
];
const named = ({ name, description }) => [code(name), description];

const code = (text) => (text ? `\`${text}\`` : '');
/** A cell is one line, and a bar in it would end it. */
const cell = (text = '') => text.replace(/\s+/g, ' ').replaceAll('|', '\\|').trim();
const line = (cells) => `| ${cells.map(cell).join(' | ')} |`;

function table(title, heads, entries = [], toRow) {
  if (entries.length === 0) return null;
  return [
    `### ${title}`,
    '',
    line(heads),
    line(heads.map(() => '---')),
    ...entries.map((entry) => line(toRow(entry))),
  ].join('\n');
}
