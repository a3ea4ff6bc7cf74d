import { sendText } from "./api.ts";
import { $, messageOf, toast } from "./dom.ts";

/** An update pack of rules is a signed note: its bytes go to the API as they are, and the draft it makes is shown. */
export function bindPacksOnce(): void {
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || input.type !== "file" || !input.closest("form[data-pack]")) return;
    const file = input.files?.[0];
    if (file) void take(file).finally(() => { input.value = ""; });
  });
  document.addEventListener("submit", (event) => {
    if ((event.target as Element).matches("form[data-pack]")) event.preventDefault();
  });
}

async function take(file: File): Promise<void> {
  try {
    const answer = await sendText("/api/v1/monitoring/rules:import", await file.text());
    const made = (await answer.json()) as { rule_set: { id: string } };
    location.assign(`/rules/${encodeURIComponent(made.rule_set.id)}`);
  } catch (fault) {
    toast(messageOf(fault), "bad");
    $("#pack-file")?.focus();
  }
}
