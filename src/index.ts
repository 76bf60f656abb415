/** Classes and types of everything, pure: no tag is registered. `onair-elements/define` registers them. */
export * from './core/index.js';
export * from './components/index.js';
