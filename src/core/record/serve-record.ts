import { OnAirError } from '../errors.js';
import type { Disk } from './disk.js';
import { parseFileName } from './journal.js';
import { openDisk } from './open-disk.js';
import type { FromWorker, ToWorker, WorkerPort } from './protocol.js';
import { recoverRecording } from './recover.js';
import { Take } from './take.js';

/** Serves one job over a port: the whole of the record worker, and of its stand-in in the page. */
export function serveRecord(port: WorkerPort): void {
  const tell = (message: FromWorker) => port.postMessage(message);
  let take: Take | null = null;

  port.onmessage = ({ data }: MessageEvent<ToWorker>) => {
    switch (data.type) {
      case 'start':
        void openDisk()
          .then((disk) => {
            take = new Take(disk, data.request, tell);
            return take.start();
          })
          .catch((thrown: unknown) => tell({ type: 'unavailable', ...told(thrown) }));
        break;
      case 'frame':
        if (take) take.frame(data.frame);
        else data.frame.close();
        break;
      case 'chunk':
        take?.chunk(data.data, data.duration);
        break;
      case 'pause':
        void take?.pause();
        break;
      case 'resume':
        void take?.resume();
        break;
      case 'stop':
        void take?.stop();
        break;
      case 'discard':
        void take?.discard();
        break;
      case 'recover':
        void diskOf(data.id)
          .then(async (disk) => tell({ type: 'recovered', summary: await recoverRecording(disk, data.id), disk: disk.kind }))
          .catch((thrown: unknown) => tell({ type: 'failed', ...told(thrown) }));
        break;
    }
  };
  port.start?.();
  tell({ type: 'ready' });
}

/** A take that was written in the page lies in the database, though this thread would rather write files. */
async function diskOf(id: string): Promise<Disk> {
  const disk = await openDisk();
  const here = (await disk.names()).some((name) => parseFileName(name)?.id === id);
  return here || disk.kind === 'indexeddb' ? disk : openDisk('indexeddb');
}

function told(thrown: unknown): { code: OnAirError['code']; detail: string } {
  const error = OnAirError.from(thrown, 'disk-failed', String(thrown));
  return { code: error.code, detail: String(error.cause ?? '') };
}
