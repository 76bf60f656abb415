import { Logging, LogLevel } from 'mediabunny';
import { OnAirError } from '../errors.js';
import { fault } from '../faults.js';
import { allDisks, openDisk } from './open-disk.js';
import type { FromWorker, ToWorker, WorkerPort } from './protocol.js';
import { recoverRecording } from './recover.js';
import { diskOf } from './remains.js';
import { probeMemoryOnly } from './storage-state.js';
import { Take } from './take.js';

/** Serves one job over a port: the whole of the record worker, and of its stand-in in the page. */
export function serveRecord(port: WorkerPort): void {
  // A damaged file is told as a fault with a code; the console is the page's.
  Logging.level = LogLevel.Silent;
  const tell = (message: FromWorker) => port.postMessage(message);
  /** Null where it was given up before there was one: to open a disk may take its time. */
  let take: Take | null | undefined;

  port.onmessage = ({ data }: MessageEvent<ToWorker>) => {
    switch (data.type) {
      case 'start':
        take = undefined;
        void openDisk()
          .then((disk) => {
            if (take === null) return;
            take = new Take(disk, data.request, tell);
            return take.start();
          })
          .catch((thrown: unknown) => tell({ type: 'unavailable', ...told(thrown) }));
        break;
      case 'frame':
        if (take) take.frame(data.frame, data.givenUp);
        else data.frame.close();
        tell({ type: 'taken' });
        break;
      case 'chunk':
        take?.chunk(data.data, data.overlap);
        break;
      case 'replace':
        take?.replace(data);
        break;
      case 'pause':
      case 'resume':
        void take?.[data.type]();
        break;
      case 'sighted':
        take?.sighted();
        break;
      case 'discard':
        if (take) void take.discard();
        else {
          take = null;
          tell({ type: 'discarded' });
        }
        break;
      case 'stop':
        void take?.stop(data.reason);
        break;
      case 'condition':
        take?.condition(data.name, data.pressure);
        break;
      case 'time':
        take?.time(data.enabled, data.trace);
        break;
      case 'recover':
        // A take that was written in the page lies in the database, though this thread would rather write files.
        void allDisks()
          .then((disks) => diskOf(disks, data.id))
          .then(async (disk) => {
            if (!disk) throw fault('recording-missing');
            const summary = await recoverRecording(disk, data.id, {
              onProgress: (share) => tell({ type: 'copied', share }),
            });
            tell({ type: 'recovered', summary, memoryOnly: await probeMemoryOnly() });
          })
          .catch((thrown: unknown) => tell({ type: 'failed', ...told(thrown) }));
        break;
    }
  };
  port.start?.();
  tell({ type: 'ready' });
}

function told(thrown: unknown): { code: OnAirError['code']; detail: string } {
  const error = OnAirError.from(thrown, 'disk-failed');
  return { code: error.code, detail: error.detail };
}
