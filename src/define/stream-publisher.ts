import { OaStreamPublisher } from '../components/stream-publisher/stream-publisher.js';
import { safeDefine } from './safe-define.js';

// Types of tags and events come with it: an import of what is only used as a value is not in a declaration file.
export type { OaStreamPublisher };

safeDefine('stream-publisher', OaStreamPublisher);
