import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './shell/shell.css';
import { setNonce } from 'get-nonce';
import { createRoot } from 'react-dom/client';
import { App } from './shell/app.tsx';
import { nonce } from './shell/theme.ts';

// Of the style element that keeps the page from scrolling behind a dialog.
setNonce(nonce);

createRoot(document.getElementById('root')!).render(<App />);
