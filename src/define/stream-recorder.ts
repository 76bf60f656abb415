import { OaStreamRecorder } from '../components/stream-recorder/stream-recorder.js';
import { safeDefine } from './safe-define.js';

// Types of tags and events come with it: an import of what is only used as a value is not in a declaration file.
export type { OaStreamRecorder };

safeDefine('stream-recorder', OaStreamRecorder);
