import { OaMediaProducer } from '../components/media-producer/media-producer.js';
import { safeDefine } from './safe-define.js';

// Types of tags and events come with it: an import of what is only used as a value is not in a declaration file.
export type { OaMediaProducer };

safeDefine('media-producer', OaMediaProducer);
