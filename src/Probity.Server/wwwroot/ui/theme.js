/* Built from web/src by web/bundle.mjs; do not edit. Apache-2.0; contains noble-ed25519, noble-hashes and qrcode-generator, MIT. */
"use strict";(()=>{try{let t=localStorage.getItem("probity-theme");(t==="light"||t==="dark")&&(document.documentElement.dataset.theme=t)}catch{}})();
