/** Where the package keeps recordings (src/core/record/disk.ts). */
const FOLDER = 'onair-elements';

async function folder() {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(FOLDER).catch(() => null);
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

/** Waits for the first media on disk (a header alone is far below 4 kB); answers when it was seen. */
export async function firstBytes(count = 1) {
  for (;;) {
    const at = Date.now();
    let found = 0;
    for await (const [name, handle] of (await folder())?.entries() ?? []) {
      if (name.endsWith('.recording') && (await handle.getFile()).size > 4096) found++;
    }
    if (found >= count) return at;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
