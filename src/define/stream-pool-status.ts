import { OaStreamPoolStatus } from '../components/stream-pool-status/stream-pool-status.js';
import { safeDefine } from './safe-define.js';

// Types of tags and events come with it: an import of what is only used as a value is not in a declaration file.
export type { OaStreamPoolStatus };

safeDefine('stream-pool-status', OaStreamPoolStatus);
