import { OaStreamPublisher } from '../components/stream-publisher/stream-publisher.js';
import { safeDefine } from './safe-define.js';

safeDefine('stream-publisher', OaStreamPublisher);
