/** Small means that every part of the pages uses. */
export const $ = <T extends Element = HTMLElement>(selector: string, within: ParentNode = document): T | null => within.querySelector<T>(selector);
export const $$ = <T extends Element = HTMLElement>(selector: string, within: ParentNode = document): T[] => [...within.querySelectorAll<T>(selector)];

type Child = Node | string | null | false;

/** An element with attributes and children; text is always text, never markup. */
export function el(tag: string, attributes: Record<string, string | boolean> = {}, ...children: Child[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child): child is Node | string => child !== null && child !== false));
  return element;
}

export function svg(tag: string, attributes: Record<string, string | number>, ...children: (Node | string)[]): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

const MARKS: Record<string, string[]> = {
  good: ["M22 11.08V12a10 10 0 1 1-5.93-9.14", "m9 11 3 3L22 4"],
  bad: ["M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20z", "m15 9-6 6", "m9 9 6 6"],
  warn: ["m21.73 18-8-14a2 2 0 0 0-3.48 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.73-3", "M12 9v4", "M12 17h.01"],
};

export function mark(tone: "good" | "bad" | "warn", size = 16): SVGElement {
  const icon = svg("svg", { class: "icon", viewBox: "0 0 24 24", width: size, height: size, fill: "none", stroke: "currentColor",
    "stroke-width": 2, "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" });
  for (const d of MARKS[tone]!) icon.append(svg("path", { d }));
  return icon;
}

export function toast(text: string, tone: "good" | "bad" = "good"): void {
  const note = el("div", { class: `toast ${tone}` }, el("span", {}, text));
  note.prepend(mark(tone));
  $("[data-toasts]")?.append(note);
  setTimeout(() => note.remove(), tone === "bad" ? 9000 : 4000);
}

export function download(name: string, type: string, content: BlobPart): void {
  const link = el("a", { href: URL.createObjectURL(new Blob([content], { type })), download: name }) as HTMLAnchorElement;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A message of a fault, for people. */
export const messageOf = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault));

export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
