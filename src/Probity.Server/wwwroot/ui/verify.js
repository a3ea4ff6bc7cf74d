/* Built from web/src by web/bundle.mjs; do not edit. Apache-2.0; contains noble-ed25519 and noble-hashes, MIT. */
"use strict";(()=>{})();
