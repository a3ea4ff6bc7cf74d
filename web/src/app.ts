import { refreshApprovals } from "./app/approvals.ts";
import { bindCompletionOnce } from "./app/completion.ts";
import { bindCustomersOnce } from "./app/customers.ts";
import { bindExplorerOnce, refreshExplorer } from "./app/explorer.ts";
import { bindFormsOnce, refreshForms } from "./app/forms.ts";
import { bindHitsOnce, refreshHits } from "./app/hits.ts";
import { bindLedgerOnce } from "./app/ledger.ts";
import { refreshLists } from "./app/lists.ts";
import { bindPacksOnce } from "./app/packs.ts";
import { bindPasskeysOnce, refreshPasskeys } from "./app/passkeys.ts";
import { bindScreeningOnce } from "./app/screening.ts";
import { bindShellOnce, refreshShell } from "./app/shell.ts";

bindExplorerOnce();
bindShellOnce();
bindFormsOnce();
bindCompletionOnce();
bindLedgerOnce();
bindPasskeysOnce();
bindScreeningOnce();
bindHitsOnce();
bindCustomersOnce();
bindPacksOnce();

function refresh(): void {
  refreshShell();
  refreshExplorer();
  refreshForms();
  refreshApprovals();
  refreshPasskeys();
  refreshHits();
  refreshLists();
}

refresh();
// Pages change in place (enhanced navigation); listeners sit on the document and stay, what depends on the page is renewed.
(globalThis as { Blazor?: { addEventListener(name: string, handler: () => void): void } }).Blazor?.addEventListener("enhancedload", refresh);
