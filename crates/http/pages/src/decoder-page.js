// Reads QR codes where the browser does not. Loaded when the camera is started.

import './app.jsx';

export { BarcodeDetector } from 'qr/decode.js';
