/** Where the package keeps recordings (src/core/record/disk.ts). */
const FOLDER = 'onair-elements';

async function folder() {
  const root = await navigator.storage?.getDirectory?.();
  return root?.getDirectoryHandle(FOLDER).catch(() => null);
}

/** What lies in the database, for where there is no origin private file system, or no worker that could write to it. */
async function inDatabase() {
  if (!(await indexedDB.databases()).some(({ name }) => name === FOLDER)) return [];
  const answer = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await answer(indexedDB.open(FOLDER));
  try {
    const rows = await answer(database.transaction('files').objectStore('files').getAll());
    return rows.map(({ name, size }) => ({ name, size }));
  } finally {
    database.close();
  }
}

/** Empties the origin behind the package's back; a file that a dying worker still holds is waited for. */
export async function wipe() {
  const root = await navigator.storage.getDirectory().catch(() => null);
  for await (const name of root?.keys() ?? []) {
    for (let tries = 0; tries < 100; tries++) {
      const done = await root.removeEntry(name, { recursive: true }).then(
        () => true,
        () => false,
      );
      if (done) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name);
}

/** Hands everything on disk to the test server, as it lies there; answers names and sizes. */
export async function raw(prefix = 'raw-') {
  const files = [];
  for await (const [name, handle] of (await folder())?.entries() ?? []) {
    const file = await handle.getFile();
    await fetch(`/put?name=${prefix}${name}`, { method: 'PUT', body: file });
    files.push({ name, size: file.size, lastModified: file.lastModified });
  }
  return files;
}

/** How many takes have media on disk (a header alone is far below 4 kB), whoever writes them. */
export async function begun() {
  const files = await inDatabase();
  for await (const [name, handle] of (await folder())?.entries() ?? []) {
    if (name.endsWith('.recording')) files.push({ name, size: (await handle.getFile()).size });
  }
  return files.filter(({ name, size }) => name.endsWith('.recording') && size > 4096).length;
}

/** Waits until so many takes have media on disk; answers when that was seen. */
export async function firstBytes(count = 1) {
  for (;;) {
    const at = Date.now();
    if ((await begun()) >= count) return at;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
